/** One entry of the glossary: a sentence, a formula, a unit, and where reports show it. */
export interface Term {
  readonly sentence: string;
  readonly formula?: string;
  readonly unit?: string;
  readonly where: string;
  readonly see?: readonly string[];
}

const term = (sentence: string, where: string, more: Omit<Term, 'sentence' | 'where'> = {}): Term => ({
  sentence,
  where,
  ...more,
});

export const terms: Readonly<Record<string, Term>> = {
  mac: term(
    'A multiply-accumulate: one product added to a sum. One MAC is two operations.',
    'the MACs column of every layer table',
    { unit: 'MAC', see: ['utilisation'] },
  ),
  intensity: term(
    'How many products are done for each byte that comes from or goes to a memory.',
    'the roofline, and explain for a layer',
    { formula: 'MACs / bytes', unit: 'MAC/B', see: ['ridge', 'roofline'] },
  ),
  ridge: term(
    'The intensity at which a machine is limited by its arithmetic and by its memory alike; below it memory decides.',
    'the roofline, where the slope meets the flat part',
    { formula: 'peak / bandwidth', unit: 'MAC/B', see: ['intensity', 'roofline'] },
  ),
  roofline: term(
    'The rate that a layer of a given intensity can reach at most on a machine (Williams, Waterman, Patterson, CACM 2009).',
    'section 4 of the HTML report',
    { formula: 'min(peak, intensity x bandwidth)', unit: 'MAC/s', see: ['intensity', 'ridge'] },
  ),
  latency: term('The time from the first input of a batch to its last output.', 'the head of every estimate', {
    unit: 's',
    see: ['interval'],
  }),
  interval: term(
    'The time between one input and the next when they come without end; the inverse of the throughput.',
    'the head of every estimate',
    { unit: 's', see: ['latency', 'batch'] },
  ),
  batch: term('The number of inputs that are worked on at once; weights are read once for all of them.', '--batch', {
    see: ['intensity'],
  }),
  utilisation: term(
    'The share of the peak rate that is reached over the whole time, waiting included.',
    'the head of every estimate, and each layer',
    { formula: 'MACs / (peak x time)', see: ['roofline'] },
  ),
  compute: term(
    'A layer is compute-bound when its arithmetic takes longer than the traffic of any memory.',
    'the Bound column',
    { see: ['memory', 'on-chip'] },
  ),
  memory: term(
    'A layer is memory-bound when the outermost memory (DRAM) takes longer than the arithmetic.',
    'the Bound column',
    { see: ['intensity', 'roofline'] },
  ),
  'on-chip': term(
    'A layer is bound on chip when an inner memory takes longer than the arithmetic and the DRAM.',
    'the Bound column',
    { see: ['memory'] },
  ),
  overhead: term('A layer is bound by overhead when starting it costs more time than running it.', 'the Bound column', {
    see: ['batch', 'fusion'],
  }),
  stall: term(
    'A unit stalls when it waits for another one, such as a stream that is empty or full.',
    'the Bound column',
    { see: ['fill'] },
  ),
  fill: term(
    'Cycles in which an array fills, drains, or waits for a stationary tile while no useful product is made.',
    'the Bound column',
    { see: ['utilisation'] },
  ),
  fusion: term(
    'Running the element-wise work after a product inside the same kernel, so that no intermediate goes to memory.',
    'layers whose operators are joined by +',
    { see: ['overhead'] },
  ),
  quantise: term('Storing numbers in fewer bits, as whole numbers times a scale.', '--precision', {
    formula: 'q = clip(round(x / scale) + zero)',
    see: ['requantise'],
  }),
  requantise: term(
    'Bringing a wide sum of products back to the stored format by a multiplication, a rounding and a clip.',
    'the tail of integer layers',
    { see: ['quantise'] },
  ),
  tile: term('A part of an operand that fits a memory or an array at one time.', 'the mapping of a layer', {
    see: ['fold'],
  }),
  fold: term(
    'Running a loop in several rounds over an array that is too small for it at once.',
    'the mapping of a layer',
    { formula: 'ceil(size / array)', see: ['tile', 'utilisation'] },
  ),
  'weight-stationary': term(
    'A dataflow in which weights stay in the cells while inputs stream past.',
    'machine files, "dataflow"',
    { see: ['output-stationary', 'fold'] },
  ),
  'output-stationary': term(
    'A dataflow in which each cell keeps one sum while both factors stream past.',
    'machine files, "dataflow"',
    { see: ['weight-stationary'] },
  ),
  spill: term('A tensor that does not fit in an on-chip memory and goes to the next one out.', 'the memory table', {
    see: ['memory'],
  }),
  host: term(
    'The processor that runs what a machine has no unit for, over a link that costs time.',
    'layers whose unit is host',
    { see: ['overhead'] },
  ),
  analytical: term('A number worked out from formulae, neither simulated nor measured.', 'the basis of each quantity', {
    see: ['range'],
  }),
  range: term(
    'The low and the high end that a number may have, from the uncertainty of the machine file.',
    'in [ ] behind each quantity',
    { formula: 'value / u ... value x u' },
  ),
  pe: term(
    'A processing element: one multiplier with its registers; in FPGA folding, the results that a unit works on at once.',
    'mappings of arrays, and folding',
    { see: ['simd', 'folding'] },
  ),
  simd: term(
    'Several numbers worked on by one instruction; in FPGA folding, the products that one result takes at once.',
    'CPU mappings, and folding',
    { see: ['pe', 'folding'] },
  ),
  folding: term(
    'Sharing multipliers of an FPGA kernel over the loops that do not fit the device: fewer resources, more cycles.',
    'FPGA mappings',
    { formula: 'cycles = (rows / PE) x (sums / SIMD) x pixels', see: ['pe', 'simd', 'initiation-interval'] },
  ),
  'initiation-interval': term('Cycles between one input and the next of a pipeline or kernel.', 'FPGA kernels', {
    unit: 'cycles',
    see: ['interval'],
  }),
};

/** Advice of a run: what the change is, and what it does not change. */
export const advicePages: Readonly<Record<string, string>> = {
  'NL-A12':
    'Fewer bits a number: less traffic, smaller multipliers, often several products where one was. The gain was found by pricing the network again in that precision. Accuracy is not part of it: simulate it before you rely on it.',
  'NL-A21':
    'More bandwidth to the outermost memory, priced with twice of it. It helps layers below the ridge and no others.',
  'NL-A22':
    'More on-chip memory, priced with twice the size, so that fewer tensors spill. Area and energy of an access grow with it.',
  'NL-A31':
    'Layers that take less time than starting them costs. Fuse them, capture them in a graph, or batch inputs; priced at a quarter of the cost of a start.',
};
