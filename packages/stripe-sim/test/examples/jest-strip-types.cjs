// Jest loads TypeScript through a transform; Node's own type stripping is all that is needed.
const { stripTypeScriptTypes } = require('node:module');

module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
