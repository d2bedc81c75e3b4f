// Sums of products of 32-bit floats, added up in doubles on 128-bit vectors. AssemblyScript: compiled by
// scripts/build-wasm.ts, not by tsc.
//
// Everything is one form:  C[m, p] = bias[m] + sum over k of A[m, k] * X[base[p] + offset[k]]
// A convolution has pixels p and (channel, tap) pairs k; a matrix product has columns p and rows k. `bases` and
// `offsets` are tables of byte distances, so strides, dilations, padding (zeros held in X) and transposes all become
// table entries. X may be read up to 64 elements past its last one, and C written up to 16 past a row: the caller
// leaves that slack.
//
// Products of two 32-bit floats are exact in doubles, so results are those of the reference but for the order of the
// sums, far below the one rounding to 32 bits at the end. Nothing is fused or relaxed: same bytes in, same bytes out,
// on any machine. Doubles cost half the speed of 32-bit sums; they keep networks that take the logarithm or the
// inverse of a nearly cancelled sum from drifting.

/** A multiple of 2, so that blocks of rows are those that A was packed in. */
const cachedRows = 64;

/** First byte that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Sets `panels` * 8 sums in each of `rows` rows to that row's entry of `bias` (32-bit floats), or to zero without. */
export function startRows(sums: usize, pitch: usize, rows: i32, panels: i32, bias: usize): void {
  for (let row = 0; row < rows; row++) {
    const value = f64x2.splat(bias ? <f64>load<f32>(bias + ((<usize>row) << 2)) : 0);
    const end = sums + ((<usize>panels) << 6);
    for (let at = sums; at < end; at += 16) v128.store(at, value);
    sums += pitch;
  }
}

/** Rounds finished sums to 32 bits. */
export function finishRows(sums: usize, sumPitch: usize, rows: i32, panels: i32, c: usize, pitch: usize): void {
  for (let row = 0; row < rows; row++) {
    let to = c;
    const end = sums + ((<usize>panels) << 6);
    for (let at = sums; at < end; at += 16, to += 8) {
      v128.store64_lane(to, f32x4.demote_f64x2_zero(v128.load(at)), 0);
    }
    sums += sumPitch;
    c += pitch;
  }
}

/**
 * Adds one tile: `rows` rows of A times `depth` entries of X for `panels` groups of 8 pixels. A is packed as doubles:
 * pairs of rows, then the odd one, each k by k. `tile` is room for a copy of X, panels * depth * 8 doubles.
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
  sums: usize,
  pitch: usize,
): void {
  const panelBytes = (<usize>depth) << 6;
  for (let panel: usize = 0; panel < <usize>panels; panel++) {
    packPanel(x, offsets, depth, bases + (panel << 5), tile + panel * panelBytes);
  }
  // Some rows of A stay in the second-level cache for all panels, one panel stays in the first for all these rows.
  for (let row = 0; row < rows; row += cachedRows) {
    const block = min(cachedRows, rows - row);
    for (let panel: usize = 0; panel < <usize>panels; panel++) {
      multiplyPanel(a, block, depth, tile + panel * panelBytes, sums + (panel << 6), pitch);
    }
    a += (<usize>(block * depth)) << 3;
    sums += <usize>block * pitch;
  }
}

/** Copies the elements that 8 pixels meet, k by k, as doubles. */
function packPanel(x: usize, offsets: usize, depth: i32, bases: usize, tile: usize): void {
  const inLine = load<i32>(bases, 16) - load<i32>(bases) == 16;
  if (inLine && stepOf(bases) == 4 && stepOf(bases + 16) == 4) packEight(x + load<i32>(bases), offsets, depth, tile);
  else {
    packFour(x, offsets, depth, bases, tile);
    packFour(x, offsets, depth, bases + 16, tile + 32);
  }
}

/** Distance of four pixels in X where it is the same between all of them, else 0. */
function stepOf(bases: usize): i32 {
  const first = load<i32>(bases);
  const step = load<i32>(bases, 4) - first;
  const line = i32x4.add(i32x4.splat(first), i32x4.mul(i32x4.splat(step), i32x4(0, 1, 2, 3)));
  return i32x4.all_true(i32x4.eq(v128.load(bases), line)) ? step : 0;
}

/** Two neighbours as doubles. */
function twoAt(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(from));
}

function packEight(x: usize, offsets: usize, depth: i32, tile: usize): void {
  const end = offsets + ((<usize>depth) << 2);
  for (; offsets < end; offsets += 4, tile += 64) {
    const from = x + load<i32>(offsets);
    v128.store(tile, twoAt(from));
    v128.store(tile, twoAt(from + 8), 16);
    v128.store(tile, twoAt(from + 16), 32);
    v128.store(tile, twoAt(from + 24), 48);
  }
}

/** Half a panel, at every 64th byte of the tile: neighbours, every second element, or any four. */
function packFour(x: usize, offsets: usize, depth: i32, bases: usize, tile: usize): void {
  const end = offsets + ((<usize>depth) << 2);
  const step = stepOf(bases);
  const x0 = x + load<i32>(bases);
  if (step == 4) {
    for (; offsets < end; offsets += 4, tile += 64) {
      const from = x0 + load<i32>(offsets);
      v128.store(tile, twoAt(from));
      v128.store(tile, twoAt(from + 8), 16);
    }
  } else if (step == 8) {
    for (; offsets < end; offsets += 4, tile += 64) {
      const four = loadSecond(x0 + load<i32>(offsets));
      v128.store(tile, f64x2.promote_low_f32x4(four));
      v128.store(tile, promoteHigh(four), 16);
    }
  } else {
    const x1 = x + load<i32>(bases, 4);
    const x2 = x + load<i32>(bases, 8);
    const x3 = x + load<i32>(bases, 12);
    for (; offsets < end; offsets += 4, tile += 64) {
      const offset = load<i32>(offsets);
      store<f64>(tile, <f64>load<f32>(x0 + offset));
      store<f64>(tile, <f64>load<f32>(x1 + offset), 8);
      store<f64>(tile, <f64>load<f32>(x2 + offset), 16);
      store<f64>(tile, <f64>load<f32>(x3 + offset), 24);
    }
  }
}

/** Elements 0, 2, 4, 6 from here. */
function loadSecond(from: usize): v128 {
  return v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6);
}

function promoteHigh(four: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(four, four, 1, 1));
}

/** Adds A (rows x depth, packed) times a packed panel to 8 columns of sums. */
function multiplyPanel(a: usize, rows: i32, depth: i32, b: usize, sums: usize, pitch: usize): void {
  const end = b + ((<usize>depth) << 6);
  for (; rows >= 2; rows -= 2) {
    twoRows(a, b, end, sums, pitch);
    a += (<usize>depth) << 4;
    sums += 2 * pitch;
  }
  if (rows) oneRow(a, b, end, sums);
}

function madd(sum: v128, x: v128, y: v128): v128 {
  return f64x2.add(sum, f64x2.mul(x, y));
}

function addTo(sums: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), s0));
  v128.store(sums, f64x2.add(v128.load(sums, 16), s1), 16);
  v128.store(sums, f64x2.add(v128.load(sums, 32), s2), 32);
  v128.store(sums, f64x2.add(v128.load(sums, 48), s3), 48);
}

/** Two rows by eight columns, not unrolled, measured best: anything larger spills the 16 vector registers. */
function twoRows(a: usize, b: usize, end: usize, sums: usize, pitch: usize): void {
  const zero = f64x2.splat(0);
  let p0 = zero;
  let p1 = zero;
  let p2 = zero;
  let p3 = zero;
  let q0 = zero;
  let q1 = zero;
  let q2 = zero;
  let q3 = zero;
  for (; b < end; b += 64, a += 16) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    const x = v128.load64_splat(a);
    p0 = madd(p0, x, b0);
    p1 = madd(p1, x, b1);
    p2 = madd(p2, x, b2);
    p3 = madd(p3, x, b3);
    const y = v128.load64_splat(a, 8);
    q0 = madd(q0, y, b0);
    q1 = madd(q1, y, b1);
    q2 = madd(q2, y, b2);
    q3 = madd(q3, y, b3);
  }
  addTo(sums, p0, p1, p2, p3);
  addTo(sums + pitch, q0, q1, q2, q3);
}

function oneRow(a: usize, b: usize, end: usize, sums: usize): void {
  const zero = f64x2.splat(0);
  let p0 = zero;
  let p1 = zero;
  let p2 = zero;
  let p3 = zero;
  for (; b < end; b += 64, a += 8) {
    const x = v128.load64_splat(a);
    p0 = madd(p0, x, v128.load(b));
    p1 = madd(p1, x, v128.load(b, 16));
    p2 = madd(p2, x, v128.load(b, 32));
    p3 = madd(p3, x, v128.load(b, 48));
  }
  addTo(sums, p0, p1, p2, p3);
}

/**
 * Rows of pixels for one filter, without a packed copy: `depth` weights as doubles, one row base per row, pixels
 * `step` bytes apart in X. Rows of C are `width` elements apart; what is written past a row's end is overwritten by
 * the next.
 */
export function directRows(
  weights: usize,
  depth: i32,
  bias: f64,
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
      if (step == 4) {
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

function directEight(weights: usize, depth: i32, bias: f64, x: usize, offsets: usize, c: usize): void {
  const first = f64x2.splat(bias);
  let s0 = first;
  let s1 = first;
  let s2 = first;
  let s3 = first;
  const end = weights + ((<usize>depth) << 3);
  for (; weights < end; weights += 8, offsets += 4) {
    const w = v128.load64_splat(weights);
    const from = x + load<i32>(offsets);
    s0 = madd(s0, w, twoAt(from));
    s1 = madd(s1, w, twoAt(from + 8));
    s2 = madd(s2, w, twoAt(from + 16));
    s3 = madd(s3, w, twoAt(from + 24));
  }
  storeEight(c, s0, s1, s2, s3);
}

/** Eight pixels, two elements apart. */
function directSecond(weights: usize, depth: i32, bias: f64, x: usize, offsets: usize, c: usize): void {
  const first = f64x2.splat(bias);
  let s0 = first;
  let s1 = first;
  let s2 = first;
  let s3 = first;
  const end = weights + ((<usize>depth) << 3);
  for (; weights < end; weights += 8, offsets += 4) {
    const w = v128.load64_splat(weights);
    const from = x + load<i32>(offsets);
    const left = loadSecond(from);
    const right = loadSecond(from + 32);
    s0 = madd(s0, w, f64x2.promote_low_f32x4(left));
    s1 = madd(s1, w, promoteHigh(left));
    s2 = madd(s2, w, f64x2.promote_low_f32x4(right));
    s3 = madd(s3, w, promoteHigh(right));
  }
  storeEight(c, s0, s1, s2, s3);
}

function storeEight(c: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store64_lane(c, f32x4.demote_f64x2_zero(s0), 0);
  v128.store64_lane(c, f32x4.demote_f64x2_zero(s1), 0, 8);
  v128.store64_lane(c, f32x4.demote_f64x2_zero(s2), 0, 16);
  v128.store64_lane(c, f32x4.demote_f64x2_zero(s3), 0, 24);
}

function directOne(weights: usize, depth: i32, bias: f64, x: usize, offsets: usize, c: usize): void {
  let sum = bias;
  const end = weights + ((<usize>depth) << 3);
  for (; weights < end; weights += 8, offsets += 4) sum += load<f64>(weights) * <f64>load<f32>(x + load<i32>(offsets));
  store<f32>(c, <f32>sum);
}
