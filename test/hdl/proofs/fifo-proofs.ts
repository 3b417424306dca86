import type { StreamProof } from './stream-proofs.ts'

/** Where a FIFO keeps its beats. */
interface FifoPlaces {
  /** Beats that are taken and given, in this clock. */
  readonly put: string
  readonly get: string
  readonly input: string
  readonly output: string
  readonly width: string
  readonly countBits: string
  /** How many beats are inside. */
  readonly held: string
  /** Where the marked beat is, and what else ties the state of the FIFO together: statements that assert it. */
  readonly invariants: string
}

function inOrder({ put, get, input, output, width, countBits, held, invariants }: FifoPlaces): string {
  return `
  localparam int N = ${countBits};
  wire put = ${put};
  wire get = ${get};
  wire [N-1:0] held, ahead;
  wire marked;
  wire [${width}-1:0] value;
  beat_order #(.WIDTH(${width}), .COUNT_BITS(N)) order (.clk(clk), .rst(rst), .first(first), .pick(pick), .put(put), .put_data(${input}),
      .get(get), .get_data(${output}), .held(held), .ahead(ahead), .marked(marked), .value(value));
  always_comb
    if (!first) begin
      all_held: assert (held == ${held});
      ${invariants}
    end`
}

/** Two registers: the one at the output, and a spare one that is full while nothing is taken. */
function twoRegisters(prefix: string, t: string): StreamProof {
  const [valid, ready, data] = ['valid', 'ready', 'data'].map((name) => `${prefix}${t}${name}`)
  const [source, sink] = [(name: string) => name.replace('?', 's'), (name: string) => name.replace('?', 'm')]
  return {
    inputs: ['pick'],
    signals: { spare: 8 },
    body: inOrder({
      put: `${source(valid!)} & ${source(ready!)}`,
      get: `${sink(valid!)} & ${sink(ready!)}`,
      input: source(data!),
      output: sink(data!),
      width: 'WIDTH',
      countBits: '2',
      held: `2'(${sink(valid!)}) + 2'(!${source(ready!)})`,
      invariants: `spare_last: assert (${source(ready!)} | ${sink(valid!)});
      if (marked) place: assert ((ahead == 0 ? ${sink(data!)} : dut.spare) == value);`,
    }),
  }
}

/** A ring in memory, and the memory's output register. `copy` is the same memory: the solver merges the two. */
function ring(prefix: string, t: string): StreamProof {
  const [valid, ready, data] = ['valid', 'ready', 'data'].map((name) => `${prefix}${t}${name}`)
  const [source, sink] = [(name: string) => name.replace('?', 's'), (name: string) => name.replace('?', 'm')]
  return {
    parameters: { WIDTH: 4, DEPTH_BITS: 2 },
    freeMemories: 1000,
    inputs: ['pick'],
    signals: { head: 2, tail: 2, count: 3 },
    body: `
  localparam int D = DEPTH_BITS;
  logic [WIDTH-1:0] copy[0:(1<<D)-1];
  always_ff @(posedge clk) if (put) copy[dut.tail] <= ${source(data!)};
  wire [D-1:0] place = dut.head + D'(ahead) - D'(${sink(valid!)});
${inOrder({
  put: `${source(valid!)} & ${source(ready!)}`,
  get: `${sink(valid!)} & ${sink(ready!)}`,
  input: source(data!),
  output: sink(data!),
  width: 'WIDTH',
  countBits: 'D + 2',
  held: `N'(dut.count) + N'(${sink(valid!)})`,
  invariants: `never_over: assert (dut.count <= (1 << D));
      tied: assert (D'(dut.tail - dut.head) == D'(dut.count));
      full: assert (${source(ready!)} == !dut.count[D]);
      if (marked) place_in_ring: assert ((ahead == 0 & ${sink(valid!)} ? ${sink(data!)} : copy[place]) == value);`,
})}`,
  }
}

export const fifoProofs: Readonly<Record<string, StreamProof>> = {
  byte_fifo: {
    parameters: { DEPTH_BITS: 2 },
    freeMemories: 1000,
    inputs: ['pick'],
    signals: { head: 2, tail: 2, put: 1 },
    body: `
  localparam int D = DEPTH_BITS;
  logic [7:0] copy[0:(1<<D)-1];
  always_ff @(posedge clk) if (put) copy[dut.tail] <= s_data;
  wire [D-1:0] place = dut.head + D'(ahead);
${inOrder({
  put: 'dut.put',
  get: 'm_valid & m_ready',
  input: 's_data',
  output: 'm_data',
  width: '8',
  countBits: 'D + 2',
  held: "N'(D'(dut.tail - dut.head))",
  invariants: `not_full: assert (held < (1 << D));
      if (m_valid) offered: assert (held != 0 & m_data == copy[dut.head]);
      if (marked) place_in_ring: assert (copy[place] == value);`,
})}`,
  },
  fifo: ring('?_', ''),
  skid_buffer: twoRegisters('?_', 't'),
  stream_fifo: ring('?_axis_', 't'),
  stream_slice: twoRegisters('?_axis_', 't'),
}
