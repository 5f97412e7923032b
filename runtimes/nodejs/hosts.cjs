/**
 * Names of hosts that lead to this machine, for programs that know neither proxies nor an
 * /etc/hosts of their own, such as `https.request` of Node.js up to 22.
 */

'use strict';

const net = require('node:net');

const { placeOf } = require('./runtime_api.cjs');

const PORTS = [80, 443];

/** From "127.0.0.1:PORT NAME NAME": whoever connects to one of these names comes to that place. */
function leadHosts(text) {
  const [place, ...names] = text.split(' ');
  const there = placeOf(place);
  const { connect } = net.Socket.prototype;

  net.Socket.prototype.connect = function (...given) {
    // net.connect hands on a list with the options in front, tls.connect the options alone.
    const around = Array.isArray(given[0]) ? given[0] : given;
    const { host, port } = around[0] ?? {};
    if (PORTS.includes(Number(port)) && names.includes(String(host).toLowerCase())) {
      around[0] = { ...around[0], ...there };
    }
    return connect.apply(this, given);
  };
}

module.exports = { leadHosts };
