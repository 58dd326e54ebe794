// JSON.parse makes a binary floating point number of every number, and so loses digits of money. This reader keeps
// each number as the text that was sent.

const escapes = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(what) {
    throw new SyntaxError(`JSON: ${what} at ${this.at}`);
  }
  space() {
    while (' \t\r\n'.includes(this.text[this.at]) && this.at < this.text.length) this.at++;
  }

  value() {
    this.space();
    const c = this.text[this.at];
    if (c === '{') return this.object();
    if (c === '[') return this.array();
    if (c === '"') return this.string();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ])
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    const number = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
    number.lastIndex = this.at;
    const found = number.exec(this.text);
    if (!found) this.fail('unexpected text');
    this.at = number.lastIndex;
    return found[0];
  }

  object() {
    const result = {};
    this.at++;
    this.space();
    if (this.text[this.at] === '}') {
      this.at++;
      return result;
    }
    for (;;) {
      this.space();
      const key = this.string();
      this.space();
      if (this.text[this.at++] !== ':') this.fail('":" expected');
      Object.defineProperty(result, key, {
        value: this.value(),
        enumerable: true,
        writable: true,
        configurable: true,
      });
      this.space();
      const next = this.text[this.at++];
      if (next === '}') return result;
      if (next !== ',') this.fail('"," expected');
    }
  }

  array() {
    const result = [];
    this.at++;
    this.space();
    if (this.text[this.at] === ']') {
      this.at++;
      return result;
    }
    for (;;) {
      result.push(this.value());
      this.space();
      const next = this.text[this.at++];
      if (next === ']') return result;
      if (next !== ',') this.fail('"," expected');
    }
  }

  string() {
    if (this.text[this.at] !== '"') this.fail('a string expected');
    let result = '';
    for (;;) {
      let end = this.at + 1;
      while (end < this.text.length && this.text[end] !== '"' && this.text[end] !== '\\') end++;
      if (end >= this.text.length) this.fail('a string has no end');
      result += this.text.slice(this.at + 1, end);
      if (this.text[end] === '"') {
        this.at = end + 1;
        return result;
      }
      const code = this.text[end + 1];
      if (code === 'u') {
        result += String.fromCharCode(parseInt(this.text.slice(end + 2, end + 6), 16));
        this.at = end + 5;
      } else {
        result += escapes[code] ?? this.fail('an unknown escape');
        this.at = end + 1;
      }
    }
  }
}

/** Like JSON.parse, but numbers stay texts. */
export function parse(text) {
  const reader = new Reader(text);
  const value = reader.value();
  reader.space();
  if (reader.at !== text.length) reader.fail('text after the end');
  return value;
}
