/** Numbers 0..n-1 that start at 0, with adding to a range and the maximum of a range in logarithmic time. */
export class RangeMax {
  readonly #leaves: number;
  readonly #max: Float64Array;
  readonly #added: Float64Array;

  constructor(n: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, n)));
    this.#max = new Float64Array(2 * this.#leaves);
    this.#added = new Float64Array(2 * this.#leaves);
  }

  /** Adds to every entry from `low` to `high`, both included. */
  add(low: number, high: number, by: number): void {
    this.#add(1, 0, this.#leaves - 1, low, high, by);
  }

  /** Largest entry from `low` to `high`, both included. */
  max(low: number, high: number): number {
    return this.#query(1, 0, this.#leaves - 1, low, high);
  }

  /** Largest entry of all, and the first place where it stands. */
  peak(): { value: number; at: number } {
    let node = 1;
    while (node < this.#leaves) node = this.#max[2 * node]! >= this.#max[2 * node + 1]! ? 2 * node : 2 * node + 1;
    return { value: this.#max[1]!, at: node - this.#leaves };
  }

  #add(node: number, from: number, to: number, low: number, high: number, by: number): void {
    if (high < from || to < low) return;
    if (low <= from && to <= high) {
      this.#max[node]! += by;
      this.#added[node]! += by;
      return;
    }
    const mid = (from + to) >> 1;
    this.#add(2 * node, from, mid, low, high, by);
    this.#add(2 * node + 1, mid + 1, to, low, high, by);
    this.#max[node] = Math.max(this.#max[2 * node]!, this.#max[2 * node + 1]!) + this.#added[node]!;
  }

  #query(node: number, from: number, to: number, low: number, high: number): number {
    if (high < from || to < low) return -Infinity;
    if (low <= from && to <= high) return this.#max[node]!;
    const mid = (from + to) >> 1;
    return (
      Math.max(this.#query(2 * node, from, mid, low, high), this.#query(2 * node + 1, mid + 1, to, low, high)) +
      this.#added[node]!
    );
  }
}
