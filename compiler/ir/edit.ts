import { invariant } from '../../src/base/diagnostics.ts';
import type { OperandInfo } from '../ops/define.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { GraphBuilder } from './builder.ts';
import { settle } from './infer.ts';
import { inRunOrder } from './order.ts';
import { joinOrigins, OriginLedger } from './origins.ts';
import { typeText } from './print.ts';
import {
  absent,
  isConst,
  valueId,
  type Attrs,
  type Graph,
  type Op,
  type Origin,
  type TensorType,
  type ValueId,
} from './types.ts';

/** An op that a rule puts in place of others. */
export interface NewOp {
  readonly kind: string;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly attrs?: Attrs;
  readonly bodies?: readonly Graph[];
  /** Those of the ops it replaces when absent. */
  readonly origins?: readonly Origin[];
  /** The elements of a const. */
  readonly value?: Tensor;
}

/** What a rule wants done; all of it happens, or none. */
export interface Rewrite {
  /** Ops that go. Their outputs must be defined by `ops`, or have no other users. */
  readonly consumed: readonly Op[];
  readonly ops: readonly NewOp[];
  /** Values whose users read another value from now on. */
  readonly aliases: readonly (readonly [output: ValueId, input: ValueId])[];
}

/** An op and its place among the others. */
export interface Slot {
  op: Op;
  readonly rank: number;
  readonly turn: number;
  isAlive: boolean;
  isQueued: boolean;
  /** Whether some input has become another value. */
  isStale: boolean;
}

/**
 * A graph while a pass changes it: who makes and who reads each value, kept up to date at a cost that does not grow
 * with the graph. The graph it was made from stays as it is.
 */
export class GraphEditor {
  readonly graph: Graph;
  readonly registry: OpRegistry;
  /** Slots that a change may have given a new chance. */
  onTouched: (slot: Slot) => void = () => undefined;
  readonly #keepsOutputNames: boolean;
  readonly #slots = new Map<Op, Slot>();
  readonly #producers = new Map<ValueId, Slot>();
  readonly #users = new Map<ValueId, Set<Slot>>();
  readonly #infos = new Map<ValueId, OperandInfo>();
  readonly #consts: Map<ValueId, Tensor>;
  readonly #aliases = new Map<ValueId, ValueId>();
  readonly #names = new Map<string, number>();
  readonly #inputs: ReadonlySet<ValueId>;
  readonly #outputs = new Map<ValueId, number>();
  readonly #ledger = new OriginLedger();
  #turn = 0;

  /** `facts` holds what is known of the values of `graph`; outputs of bodies may take other names, those of models not. */
  constructor(graph: Graph, registry: OpRegistry, facts: GraphBuilder, isBody: boolean) {
    this.graph = graph;
    this.registry = registry;
    this.#keepsOutputNames = !isBody;
    this.#consts = new Map(graph.consts);
    this.#inputs = new Set(graph.inputs);
    for (const id of graph.types.keys()) {
      this.#infos.set(id, facts.info(id));
      this.#names.set(id, 0);
    }
    for (const id of graph.outputs) this.#outputs.set(id, (this.#outputs.get(id) ?? 0) + 1);
    graph.ops.forEach((op, rank) => this.#insert(op, rank));
  }

  get slots(): Iterable<Slot> {
    return this.#slots.values();
  }

  info(id: ValueId): OperandInfo {
    const info = this.#infos.get(this.resolve(id));
    invariant(info, `value "${id}" does not exist`);
    return info;
  }

  constOf(id: ValueId): Tensor | undefined {
    return this.#consts.get(this.resolve(id));
  }

  isInput(id: ValueId): boolean {
    return this.#inputs.has(id);
  }

  isOutput(id: ValueId): boolean {
    return this.#outputs.has(id);
  }

  producer(id: ValueId): Op | undefined {
    const slot = this.#producers.get(this.resolve(id));
    return slot && this.current(slot);
  }

  /** Each op that reads the value, once. */
  users(id: ValueId): Op[] {
    return Array.from(this.#users.get(this.resolve(id)) ?? [], (slot) => this.current(slot));
  }

  userCount(id: ValueId): number {
    return this.#users.get(this.resolve(id))?.size ?? 0;
  }

  /** The op of a slot with its inputs up to date. */
  current(slot: Slot): Op {
    if (!slot.isStale) return slot.op;
    slot.isStale = false;
    this.#slots.delete(slot.op);
    slot.op = { ...slot.op, inputs: slot.op.inputs.map((id) => this.resolve(id)) };
    this.#slots.set(slot.op, slot);
    return slot.op;
  }

  /** A name that no value has. */
  fresh(hint: string): ValueId {
    if (hint !== '' && !this.#names.has(hint)) {
      this.#names.set(hint, 0);
      return valueId(hint);
    }
    for (let n = this.#names.get(hint) ?? 0; ;) {
      const name = `${hint}~${++n}`;
      if (this.#names.has(name)) continue;
      this.#names.set(hint, n).set(name, 0);
      return valueId(name);
    }
  }

  /** Does what a rule wants; answers false, with nothing done, when an output of the model would lose its name. */
  apply(rewrite: Rewrite): boolean {
    if (!rewrite.aliases.every(([output, input]) => this.#canAlias(output, input))) return false;
    const consumed = rewrite.consumed.map((op) => this.#slotOf(op));
    const rank = Math.max(0, ...consumed.map((s) => s.rank));
    const before = new Map(consumed.flatMap((s) => s.op.outputs.map((id) => [id, this.#infos.get(id)] as const)));
    const origins = joinOrigins(consumed.map((s) => s.op.origins));
    // New ops are entered before old ones go, so that no origin seems lost in between.
    consumed.forEach((slot) => this.#detach(slot));
    const added = rewrite.ops.map((draft) => this.#add(draft, draft.origins ?? origins, rank, before));
    consumed.forEach((slot) => this.#ledger.drop(slot.op));
    for (const [output, input] of rewrite.aliases) this.#alias(output, input);
    for (const slot of consumed) for (const id of slot.op.outputs) this.#checkGone(id);
    for (const slot of added) this.#touchAround(slot);
    for (const slot of consumed) for (const id of new Set(slot.op.inputs)) this.#lostUser(id);
    return true;
  }

  /** The graph as it now is, with types inferred anew, and the ONNX nodes that left nothing behind. */
  finish(by: string): Graph {
    const slots = [...this.#slots.values()].sort((a, b) => a.rank - b.rank || a.turn - b.turn);
    const builder = new GraphBuilder(this.registry, this.graph.name);
    for (const id of this.graph.inputs) builder.input(id, typeOnly(this.info(id)), this.info(id).value);
    for (const op of inRunOrder(slots.map((slot) => this.current(slot)))) {
      const [first] = op.outputs;
      if (isConst(op)) builder.adopt(op, typeOnly(this.info(first!)), this.#consts.get(first!));
      else builder.op(op);
    }
    for (const id of this.graph.outputs) builder.output(this.resolve(id));
    return { ...builder.build(), removed: [...this.graph.removed, ...this.#ledger.lost(by)] };
  }

  resolve(id: ValueId): ValueId {
    let end = id;
    for (let next = this.#aliases.get(end); next !== undefined; next = this.#aliases.get(end)) end = next;
    // Shortens the path, so that long chains are walked once.
    for (let at = id; at !== end;) {
      const next = this.#aliases.get(at)!;
      this.#aliases.set(at, end);
      at = next;
    }
    return end;
  }

  #slotOf(op: Op): Slot {
    const slot = this.#slots.get(op);
    invariant(slot?.isAlive, `${op.kind} ${op.outputs.join(', ')} is not in the graph`);
    return slot;
  }

  #insert(op: Op, rank: number): Slot {
    const slot: Slot = { op, rank, turn: this.#turn++, isAlive: true, isQueued: false, isStale: false };
    this.#slots.set(op, slot);
    this.#ledger.add(op);
    for (const id of op.outputs) if (id !== absent) this.#producers.set(id, slot);
    for (const id of op.inputs) if (id !== absent) this.#usersOf(id).add(slot);
    return slot;
  }

  #usersOf(id: ValueId): Set<Slot> {
    const known = this.#users.get(id);
    if (known) return known;
    const users = new Set<Slot>();
    this.#users.set(id, users);
    return users;
  }

  /** Takes an op out, but leaves its origins in the ledger. */
  #detach(slot: Slot): void {
    const op = this.current(slot);
    slot.isAlive = false;
    this.#slots.delete(op);
    for (const id of op.outputs) {
      if (this.#producers.get(id) !== slot) continue;
      this.#producers.delete(id);
      this.#consts.delete(id);
    }
    for (const id of op.inputs) this.#users.get(id)?.delete(slot);
  }

  #add(
    draft: NewOp,
    origins: readonly Origin[],
    rank: number,
    before: ReadonlyMap<ValueId, OperandInfo | undefined>,
  ): Slot {
    const inputs = draft.inputs.map((id) => (id === absent ? id : this.resolve(id)));
    const op: Op = {
      kind: draft.kind,
      inputs,
      outputs: draft.outputs,
      attrs: draft.attrs ?? {},
      origins,
      ...(draft.bodies?.length ? { bodies: draft.bodies } : {}),
    };
    if (draft.value) {
      const [id] = draft.outputs;
      this.#consts.set(id!, draft.value);
      this.#define(id!, { format: draft.value.format, shape: draft.value.shape, value: draft.value }, before);
    } else {
      const settled = settle(this.registry, op, (id) => this.info(id));
      op.outputs.forEach((id, i) => {
        if (id !== absent)
          this.#define(
            id,
            { ...settled.types[i]!, ...(settled.values[i] ? { value: settled.values[i] } : {}) },
            before,
          );
      });
    }
    return this.#insert(op, rank);
  }

  #define(id: ValueId, info: OperandInfo, before: ReadonlyMap<ValueId, OperandInfo | undefined>): void {
    const old = before.get(id);
    invariant(!this.#producers.has(id) && !this.#inputs.has(id), `value "${id}" is defined twice`);
    invariant(
      !old || fitsFor(old, info),
      `value "${id}" was ${old ? typeText(old) : ''} and would become ${typeText(info)}`,
    );
    this.#infos.set(id, info);
    this.#names.set(id, this.#names.get(id) ?? 0);
  }

  #canAlias(output: ValueId, input: ValueId): boolean {
    const [from, to] = [this.resolve(output), this.resolve(input)];
    invariant(
      fitsFor(this.info(from), this.info(to)),
      `value "${from}" cannot stand for "${to}": ${typeText(this.info(from))} and ${typeText(this.info(to))}`,
    );
    if (from === to) return false;
    if (!this.#outputs.has(from) || !this.#keepsOutputNames) return true;
    // The value that is kept takes the name of the output; inputs and other outputs have names of their own to keep.
    return !this.#inputs.has(to) && !this.#outputs.has(to) && this.#onlyMakes(this.#producers.get(from), from);
  }

  #onlyMakes(slot: Slot | undefined, id: ValueId): boolean {
    return slot === undefined || slot.op.outputs.every((o) => o === id || o === absent || this.#isUnread(o));
  }

  #alias(output: ValueId, input: ValueId): void {
    let [from, to] = [this.resolve(output), this.resolve(input)];
    const old = this.#producers.get(from);
    let isOrphan = false;
    if (this.#outputs.has(from)) {
      if (this.#keepsOutputNames) {
        this.#rename(to, from);
        [from, to] = [to, from];
        isOrphan = true;
      } else {
        this.#outputs.set(to, (this.#outputs.get(to) ?? 0) + this.#outputs.get(from)!);
        this.#outputs.delete(from);
      }
    }
    this.#aliases.set(from, to);
    const moved = this.#users.get(from) ?? new Set();
    this.#users.delete(from);
    for (const slot of moved) {
      slot.isStale = true;
      this.#usersOf(to).add(slot);
      this.onTouched(slot);
    }
    const source = this.#producers.get(to);
    if (source) this.onTouched(source);
    if (old && isOrphan) this.#sweep(old);
    else if (old?.isAlive) this.#sweepIfDead(old);
  }

  /** Makes the producer of `from` define `to` instead. */
  #rename(from: ValueId, to: ValueId): void {
    const slot = this.#producers.get(from)!;
    const op = this.current(slot);
    this.#slots.delete(op);
    slot.op = { ...op, outputs: op.outputs.map((id) => (id === from ? to : id)) };
    this.#slots.set(slot.op, slot);
    this.#producers.delete(from);
    this.#producers.set(to, slot);
    this.#infos.set(to, this.#infos.get(from)!);
    const value = this.#consts.get(from);
    if (value) {
      this.#consts.delete(from);
      this.#consts.set(to, value);
    }
  }

  #checkGone(id: ValueId): void {
    if (id === absent || this.#producers.has(id) || this.#aliases.has(id)) return;
    invariant(this.#isUnread(id), `value "${id}" is still used, but nothing makes it any more`);
    this.#infos.delete(id);
    this.#names.delete(id);
  }

  #touchAround(slot: Slot): void {
    if (!slot.isAlive) return;
    this.onTouched(slot);
    for (const id of slot.op.outputs) for (const user of this.#users.get(id) ?? []) this.onTouched(user);
    for (const id of slot.op.inputs) {
      const source = this.#producers.get(id);
      if (source) this.onTouched(source);
    }
  }

  /** A reader less: the op that makes the value may be dead, and a last reader may now have it to itself. */
  #lostUser(id: ValueId): void {
    const slot = this.#producers.get(id);
    const users = this.#users.get(id);
    if (users?.size === 1) for (const user of users) this.onTouched(user);
    if (!slot) return;
    this.onTouched(slot);
    this.#sweepIfDead(slot);
  }

  #isDead(slot: Slot): boolean {
    return slot.op.outputs.every((id) => id === absent || this.#isUnread(id));
  }

  /** Asks of the value itself, not of one that stands in its place. */
  #isUnread(id: ValueId): boolean {
    return (this.#users.get(id)?.size ?? 0) === 0 && !this.#outputs.has(id);
  }

  #sweepIfDead(slot: Slot): void {
    if (this.#isDead(slot)) this.#sweep(slot);
  }

  /** Takes out an op that nothing needs, and then those that nothing needs any more. */
  #sweep(first: Slot): void {
    const dead = [first];
    for (let slot = dead.pop(); slot; slot = dead.pop()) {
      if (!slot.isAlive) continue;
      this.#detach(slot);
      this.#ledger.drop(slot.op);
      for (const id of new Set(slot.op.inputs)) {
        if (id === absent) continue;
        const source = this.#producers.get(id);
        const users = this.#users.get(id);
        if (users?.size === 1) for (const user of users) this.onTouched(user);
        if (!source?.isAlive) continue;
        this.onTouched(source);
        if (this.#isDead(source)) dead.push(source);
      }
    }
  }
}

const typeOnly = ({ value: _, ...type }: OperandInfo): TensorType => type;

/** Whether `to` can take the place of `from`: the same format and shape, where shapes are known. */
const fitsFor = (from: TensorType, to: TensorType): boolean =>
  from.unknown === true ||
  to.unknown === true ||
  (from.format.name === to.format.name &&
    from.shape.length === to.shape.length &&
    from.shape.every((d, i) => d === to.shape[i]));
