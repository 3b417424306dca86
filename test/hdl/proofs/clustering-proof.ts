import type { StreamProof } from './stream-proofs.ts'

const L = 4
const C = 4

const [INIT, ACCEPT, PRODUCT, ABOVE_READ, ABOVE, FIND_READ, FIND] = [1, 2, 3, 4, 5, 6, 7]
const [FOUND, MERGE_READ, MERGE, ABOVE_NEXT] = [8, 9, 10, 11]
const [APPEND, RUN_DONE, RELABEL, RELABEL_READ, RELABEL_FIND, RELABEL_WRITE] = [15, 16, 17, 18, 19, 20]
const [SCAN, SCAN_CHECK, EMIT, RELEASE, ROW_DONE] = [21, 22, 23, 24, 25]

const within = (...states: number[]) => `(${states.map((state) => `dut.state == 5'd${state}`).join(' | ')})`

/** The tables of labels and runs are never used beyond what they hold, if no row is longer than they are made for. */
export const clusteringTables: StreamProof = {
  parameters: { LABEL_BITS: L, COLUMN_BITS: C },
  drop: 'start',
  signals: {
    state: 5,
    free_count: L + 1,
    free_head: L,
    free_tail: L,
    remaining: L + 1,
    count: C,
    above: C,
    above_count: C,
    index: C,
    x: C,
    in_run: 1,
    row_end: 1,
    relabelling: 1,
  },
  body: `
  // macro-pixels of the row that were taken
  logic [${C}:0] taken;
  always_ff @(posedge clk)
    if (rst | start | ${within(ROW_DONE)}) taken <= '0;
    else if (s_valid & s_ready) taken <= taken + 1'b1;
  always_comb if (s_valid & taken == ${2 ** C - 1}) rows_fit: assume (s_last_column);

  wire [7:0] labels = 8'd${2 ** L}, free = 8'(dut.free_count), remaining = 8'(dut.remaining);
  wire [7:0] runs = 8'(dut.count), above = 8'(dut.above), above_count = 8'(dut.above_count), index = 8'(dut.index);
  wire finding = ${within(FIND_READ, FIND)};
  always_comb
    if (!first & dut.state != 0) begin
      // labels: none is given back that was not given out, none is taken from an empty list
      labels_in_range: assert (free <= labels);
      list_tied: assert (${L}'(dut.free_tail - dut.free_head) == ${L}'(dut.free_count));
      if (${within(RELEASE)}) gives_back: assert (free < labels);
      if (${within(SCAN)} & !dut.row_end) scan_left: assert (remaining + free <= labels);
      if (${within(SCAN_CHECK)}) scan_some: assert (remaining != 0 & remaining + free <= labels);
      if (${within(EMIT, RELEASE)}) scan_one: assert (remaining + 8'd1 + free <= labels);

      // runs: both halves of the list hold them all
      if (${within(APPEND)}) run_in_range: assert (runs < 8'd${2 ** (C - 1)});
      if (${within(ABOVE, FOUND, MERGE_READ, MERGE, ABOVE_NEXT)} | (finding & !dut.relabelling)) above_in_range: assert (above < above_count);
      if (${within(RELABEL_READ, RELABEL_FIND, RELABEL_WRITE)} | (finding & dut.relabelling)) again: assert (index < runs);
      halves: assert (runs <= 8'd${2 ** (C - 1)} & above_count <= 8'd${2 ** (C - 1)} & above <= above_count);
      if (${within(RELABEL, RELABEL_READ, RELABEL_FIND, RELABEL_WRITE)} | (finding & dut.relabelling)) row_over: assert (dut.row_end);
      if (${within(RELABEL_READ, RELABEL_FIND, RELABEL_WRITE)}) second_pass: assert (dut.relabelling);
      if (${within(ABOVE_READ, ABOVE, FOUND, MERGE_READ, MERGE, ABOVE_NEXT)}) first_pass: assert (!dut.relabelling);
      if (dut.state > ${RUN_DONE} | (finding & dut.relabelling)) no_run: assert (!dut.in_run);
      row_fits: assert (taken <= ${2 ** C} & ${C}'(taken) == dut.x);
      if (${within(INIT)}) at_start: assert (taken == 0 & runs == 0 & !dut.in_run);
      if (${within(ACCEPT)}) gaps: assert (2 * runs + 8'(dut.in_run) <= 8'(taken) & taken < ${2 ** C});
      if (dut.state >= ${PRODUCT} & dut.state <= ${APPEND} & !(finding & dut.relabelling))
        gap_after: assert (2 * runs + (dut.row_end ? 8'd1 : 8'd2) <= 8'(taken) & (dut.row_end | taken < ${2 ** C}));
      if (${within(RUN_DONE)}) counted: assert (dut.row_end ? 2 * runs <= 8'(taken) + 8'd1 : 2 * runs <= 8'(taken) & taken < ${2 ** C});
    end`,
}
