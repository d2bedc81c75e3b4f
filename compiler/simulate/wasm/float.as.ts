// Single-precision sums of products on 128-bit vectors. AssemblyScript: compiled by scripts/build-wasm.ts, not by tsc.
//
// Everything is one form:  C[m, p] += sum over k of A[m, k] * X[base[p] + offset[k]]
// A convolution has pixels p and (channel, tap) pairs k; a matrix product has columns p and rows k. `bases` and
// `offsets` are tables of byte distances, so strides, dilations, padding (zeros held in X) and transposes all become
// table entries. X may be read up to 64 elements past its last one, and C written up to 16 past a row: the caller
// leaves that slack.
//
// Products are rounded before they are added (no fused or relaxed operations): same bytes in, same bytes out, on any
// machine.

/** A multiple of 4, so that blocks of rows are those that A was packed in. */
const cachedRows = 64;

/** First byte that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Sets `panels` * 8 elements of each of `rows` rows of C to that row's entry of `bias`, or to zero without one. */
export function startRows(c: usize, pitch: usize, rows: i32, panels: i32, bias: usize): void {
  for (let row = 0; row < rows; row++) {
    const value = f32x4.splat(bias ? load<f32>(bias + ((<usize>row) << 2)) : 0);
    const end = c + ((<usize>panels) << 5);
    for (let at = c; at < end; at += 32) {
      v128.store(at, value);
      v128.store(at, value, 16);
    }
    c += pitch;
  }
}

/**
 * Adds one tile: `rows` rows of A times `depth` entries of X for `panels` groups of 8 pixels. A is packed: blocks of
 * 4 rows, then 2, then 1, each k by k. `tile` is room for a copy of X, panels * depth * 8 elements.
 */
export function addTile(
  a: usize,
  rows: i32,
  depth: i32,
  x: usize,
  offsets: usize,
  bases: usize,
  panels: i32,
  tile: usize,
  c: usize,
  pitch: usize,
): void {
  const panelBytes = (<usize>depth) << 5;
  for (let panel: usize = 0; panel < <usize>panels; panel++) {
    packPanel(x, offsets, depth, bases + (panel << 5), tile + panel * panelBytes);
  }
  // Some rows of A stay in the second-level cache for all panels, one panel stays in the first for all these rows.
  for (let row = 0; row < rows; row += cachedRows) {
    const block = min(cachedRows, rows - row);
    for (let panel: usize = 0; panel < <usize>panels; panel++) {
      multiplyPanel(a, block, depth, tile + panel * panelBytes, c + (panel << 5), pitch);
    }
    a += (<usize>(block * depth)) << 2;
    c += <usize>block * pitch;
  }
}

/** Copies the elements that 8 pixels meet, k by k. */
function packPanel(x: usize, offsets: usize, depth: i32, bases: usize, tile: usize): void {
  const inLine = load<i32>(bases, 16) - load<i32>(bases) == 16;
  if (inLine && stepOf(bases) == 4 && stepOf(bases + 16) == 4) packEight(x + load<i32>(bases), offsets, depth, tile);
  else {
    packFour(x, offsets, depth, bases, tile);
    packFour(x, offsets, depth, bases + 16, tile + 16);
  }
}

/** Distance of four pixels in X where it is the same between all of them, else 0. */
function stepOf(bases: usize): i32 {
  const first = load<i32>(bases);
  const step = load<i32>(bases, 4) - first;
  const line = i32x4.add(i32x4.splat(first), i32x4.mul(i32x4.splat(step), i32x4(0, 1, 2, 3)));
  return i32x4.all_true(i32x4.eq(v128.load(bases), line)) ? step : 0;
}

function packEight(x: usize, offsets: usize, depth: i32, tile: usize): void {
  const end = offsets + ((<usize>depth) << 2);
  for (; offsets < end; offsets += 4) {
    const from = x + load<i32>(offsets);
    v128.store(tile, v128.load(from));
    v128.store(tile, v128.load(from, 16), 16);
    tile += 32;
  }
}

/** Half a panel, at every 32nd byte of the tile: neighbours, every second element, or any four. */
function packFour(x: usize, offsets: usize, depth: i32, bases: usize, tile: usize): void {
  const end = offsets + ((<usize>depth) << 2);
  const step = stepOf(bases);
  const x0 = x + load<i32>(bases);
  if (step == 4) {
    for (; offsets < end; offsets += 4, tile += 32) v128.store(tile, v128.load(x0 + load<i32>(offsets)));
  } else if (step == 8) {
    for (; offsets < end; offsets += 4, tile += 32) v128.store(tile, loadSecond(x0 + load<i32>(offsets)));
  } else {
    const x1 = x + load<i32>(bases, 4);
    const x2 = x + load<i32>(bases, 8);
    const x3 = x + load<i32>(bases, 12);
    for (; offsets < end; offsets += 4, tile += 32) {
      const offset = load<i32>(offsets);
      store<f32>(tile, load<f32>(x0 + offset));
      store<f32>(tile, load<f32>(x1 + offset), 4);
      store<f32>(tile, load<f32>(x2 + offset), 8);
      store<f32>(tile, load<f32>(x3 + offset), 12);
    }
  }
}

/** Elements 0, 2, 4, 6 from here. */
function loadSecond(from: usize): v128 {
  return v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6);
}

/** Adds A (rows x depth, packed) times a packed panel to 8 columns of C. */
function multiplyPanel(a: usize, rows: i32, depth: i32, b: usize, c: usize, pitch: usize): void {
  const size = (<usize>depth) << 2;
  const end = b + ((<usize>depth) << 5);
  for (; rows >= 4; rows -= 4) {
    fourRows(a, b, end, c, pitch);
    a += 4 * size;
    c += 4 * pitch;
  }
  if (rows & 2) {
    twoRows(a, b, end, c, pitch);
    a += 2 * size;
    c += 2 * pitch;
  }
  if (rows & 1) oneRow(a, b, end, c);
}

function madd(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

function addTo(c: usize, left: v128, right: v128): void {
  v128.store(c, f32x4.add(v128.load(c), left));
  v128.store(c, f32x4.add(v128.load(c, 16), right), 16);
}

// The sums of one block of k stay in registers and only then enter C: fast, and the rounding error is that of short
// sums. Four rows by eight columns measured best: more rows or an unrolled loop spill the 16 vector registers.

function fourRows(a: usize, b: usize, end: usize, c: usize, pitch: usize): void {
  let p0 = f32x4.splat(0),
    q0 = p0,
    p1 = p0,
    q1 = p0,
    p2 = p0,
    q2 = p0,
    p3 = p0,
    q3 = p0;
  for (; b < end; b += 32) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let x = v128.load32_splat(a);
    p0 = madd(p0, x, left);
    q0 = madd(q0, x, right);
    x = v128.load32_splat(a, 4);
    p1 = madd(p1, x, left);
    q1 = madd(q1, x, right);
    x = v128.load32_splat(a, 8);
    p2 = madd(p2, x, left);
    q2 = madd(q2, x, right);
    x = v128.load32_splat(a, 12);
    p3 = madd(p3, x, left);
    q3 = madd(q3, x, right);
    a += 16;
  }
  addTo(c, p0, q0);
  addTo(c + pitch, p1, q1);
  addTo(c + 2 * pitch, p2, q2);
  addTo(c + 3 * pitch, p3, q3);
}

function twoRows(a: usize, b: usize, end: usize, c: usize, pitch: usize): void {
  let p0 = f32x4.splat(0),
    q0 = p0,
    p1 = p0,
    q1 = p0;
  for (; b < end; b += 32) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let x = v128.load32_splat(a);
    p0 = madd(p0, x, left);
    q0 = madd(q0, x, right);
    x = v128.load32_splat(a, 4);
    p1 = madd(p1, x, left);
    q1 = madd(q1, x, right);
    a += 8;
  }
  addTo(c, p0, q0);
  addTo(c + pitch, p1, q1);
}

function oneRow(a: usize, b: usize, end: usize, c: usize): void {
  let p0 = f32x4.splat(0),
    q0 = p0;
  for (; b < end; b += 32) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const x = v128.load32_splat(a);
    p0 = madd(p0, x, left);
    q0 = madd(q0, x, right);
    a += 4;
  }
  addTo(c, p0, q0);
}

/**
 * Rows of pixels for one filter, without a packed copy: `depth` weights, one row base per row, pixels `step` bytes
 * apart in X. Rows of C are `width` elements apart; what is written past a row's end is overwritten by the next.
 */
export function directRows(
  weights: usize,
  depth: i32,
  bias: f32,
  x: usize,
  offsets: usize,
  rowBases: usize,
  rows: i32,
  width: i32,
  step: i32,
  c: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const from = x + load<i32>(rowBases + ((<usize>row) << 2));
    for (let p = 0; p < width;) {
      const at = c + ((<usize>p) << 2);
      const pixel = from + <usize>(p * step);
      if (step == 4 && width - p > 8) {
        directSixteen(weights, depth, bias, pixel, offsets, at);
        p += 16;
      } else if (step == 4) {
        directEight(weights, depth, bias, pixel, offsets, at);
        p += 8;
      } else if (step == 8) {
        directSecond(weights, depth, bias, pixel, offsets, at);
        p += 8;
      } else {
        directOne(weights, depth, bias, pixel, offsets, at);
        p += 1;
      }
    }
    c += (<usize>width) << 2;
  }
}

function directSixteen(weights: usize, depth: i32, bias: f32, x: usize, offsets: usize, c: usize): void {
  let s0 = f32x4.splat(bias),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  const end = weights + ((<usize>depth) << 2);
  for (; weights < end; weights += 4, offsets += 4) {
    const w = v128.load32_splat(weights);
    const from = x + load<i32>(offsets);
    s0 = madd(s0, w, v128.load(from));
    s1 = madd(s1, w, v128.load(from, 16));
    s2 = madd(s2, w, v128.load(from, 32));
    s3 = madd(s3, w, v128.load(from, 48));
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
}

function directEight(weights: usize, depth: i32, bias: f32, x: usize, offsets: usize, c: usize): void {
  let s0 = f32x4.splat(bias),
    s1 = s0;
  const end = weights + ((<usize>depth) << 2);
  for (; weights < end; weights += 4, offsets += 4) {
    const w = v128.load32_splat(weights);
    const from = x + load<i32>(offsets);
    s0 = madd(s0, w, v128.load(from));
    s1 = madd(s1, w, v128.load(from, 16));
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
}

/** Eight pixels, two elements apart. */
function directSecond(weights: usize, depth: i32, bias: f32, x: usize, offsets: usize, c: usize): void {
  let s0 = f32x4.splat(bias),
    s1 = s0;
  const end = weights + ((<usize>depth) << 2);
  for (; weights < end; weights += 4, offsets += 4) {
    const w = v128.load32_splat(weights);
    const from = x + load<i32>(offsets);
    s0 = madd(s0, w, loadSecond(from));
    s1 = madd(s1, w, loadSecond(from + 32));
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
}

function directOne(weights: usize, depth: i32, bias: f32, x: usize, offsets: usize, c: usize): void {
  let sum = bias;
  const end = weights + ((<usize>depth) << 2);
  for (; weights < end; weights += 4, offsets += 4) sum += load<f32>(weights) * load<f32>(x + load<i32>(offsets));
  store<f32>(c, sum);
}
