// CloudFront viewer request: an API key in the Authorization header becomes the header that the API asks for.
//
// Clients that know no header of ours still know `Authorization`: as `Bearer dp_...`, or as Basic, which is what they
// make of an address like https://key:dp_...@host. API Gateway remembers an authorizer's answer by one header only, so
// the key is put into that header here, before it.
function handler(event) {
    var request = event.request;
    var headers = request.headers;
    var key = headers.authorization && keyIn(headers.authorization.value);
    if (key && !headers['x-api-key']) {
        headers['x-api-key'] = { value: key };
        delete headers.authorization;
    }
    return request;
}

// The password of Basic, or its user when there is no password; the token of Bearer.
function keyIn(authorization) {
    var match = /^(basic|bearer) +([^ ]+)$/i.exec(authorization);
    if (!match) {
        return '';
    }
    if (match[1].toLowerCase() === 'bearer') {
        return keyOrNothing(match[2]);
    }
    var pair = Buffer.from(match[2], 'base64').toString();
    var colon = pair.indexOf(':');
    return keyOrNothing(pair.slice(colon + 1)) || keyOrNothing(pair.slice(0, Math.max(colon, 0)));
}

// Only what looks like one of our keys: nothing else belongs into a header.
function keyOrNothing(text) {
    return /^dp_[A-Za-z0-9_-]+$/.test(text) ? text : '';
}
