// JSON without loss: numbers keep the digits that they are written with. A double has 53 bits, and
// ids and amounts have more.

/** A number that is not written as a double would be: 9007199254740993, 1.10, 1e400. */
export class Digits {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }

  toJSON() {
    return MARK + this.text;
  }
}

/** Before the digits where they have to be a text on their way. Nobody can guess it. */
const MARK = `digits-${crypto.getRandomValues(new BigUint64Array(2)).join('-')}:`;

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g');

const isWhole = (token) => token[0] === '"' || String(Number(token)) === token;

/** Whether a value has members: what is neither a text, a number, a truth nor null. */
export const isTree = (value) => typeof value === 'object' && value !== null &&
  !(value instanceof Digits);

/** JSON.parse, with Digits for numbers that would become others. */
export function parse(text) {
  const plain = JSON.parse(text);
  if (!text.match(TOKENS)?.some((token) => !isWhole(token))) return plain;
  const marked = text.replace(TOKENS, (token) => (isWhole(token) ? token : `"${MARK}${token}"`));
  return JSON.parse(marked, (_, value) => (typeof value === 'string' && value.startsWith(MARK)
    ? new Digits(value.slice(MARK.length)) : value));
}

/** JSON.stringify of what `parse` gives. */
export function stringify(value, indent) {
  return JSON.stringify(value, null, indent)?.replace(MARKED, '$1');
}

/** A number of texts and Digits in one form: 1.10, 11e-1 and 1.1 are equal. */
export function canonicalNumber(text) {
  const [, sign, whole, part = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const digits = (whole + part).replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  if (short === '') return '0';
  const exponent = BigInt(power) - BigInt(part.length) + BigInt(digits.length - short.length);
  return `${sign}${short}e${exponent}`;
}
