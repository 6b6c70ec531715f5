// Runs one CloudFront Function: its code on the first line of standard input, an event on each line after it, the
// function's answer on a line of standard output; all of them JSON. Ends when standard input does.
const readline = require("node:readline");
const vm = require("node:vm");

let handler;

function answer(line) {
  if (!handler) {
    const context = vm.createContext({ Buffer, console: { log() {} } });
    vm.runInContext(JSON.parse(line), context);
    handler = vm.runInContext("handler", context);
    return;
  }
  let said;
  try {
    said = { answer: handler(JSON.parse(line)) };
  } catch (error) {
    said = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(said) + "\n");
}

readline.createInterface({ input: process.stdin }).on("line", answer);
