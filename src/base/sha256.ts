/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2). */
const roundConstants = new Uint32Array(primes(64).map((p) => fraction(Math.cbrt(p))));
/** The same of the square roots of the first 8 primes (section 5.3.3). */
const initialHash = primes(8).map((p) => fraction(Math.sqrt(p)));

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}

function fraction(x: number): number {
  return Math.floor((x - Math.floor(x)) * 2 ** 32);
}

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** SHA-256 as 64 hexadecimal digits. Plain code, so that it also runs where there is no Node (FIPS 180-4). */
export function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const state = Uint32Array.from(initialHash);
  const block = new Uint8Array(64);
  let filled = 0;
  let length = 0;
  const absorb = (bytes: Uint8Array): void => {
    length += bytes.length;
    for (let at = 0; at < bytes.length;) {
      const take = Math.min(64 - filled, bytes.length - at);
      block.set(bytes.subarray(at, at + take), filled);
      filled += take;
      at += take;
      if (filled === 64) {
        compress(state, block);
        filled = 0;
      }
    }
  };
  for (const part of parts) absorb(typeof part === 'string' ? new TextEncoder().encode(part) : part);
  const bits = length * 8;
  const tail = new Uint8Array(filled < 56 ? 64 - filled : 128 - filled);
  tail[0] = 0x80;
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
  view.setUint32(tail.length - 4, bits >>> 0);
  absorb(tail);
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}

const schedule = new Int32Array(64);

function compress(state: Uint32Array, block: Uint8Array): void {
  const w = schedule;
  for (let i = 0; i < 16; i++)
    w[i] = (block[4 * i]! << 24) | (block[4 * i + 1]! << 16) | (block[4 * i + 2]! << 8) | block[4 * i + 3]!;
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!];
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i]! + w[i]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => (state[i] = state[i]! + x));
}
