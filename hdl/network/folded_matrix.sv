// folded_matrix: matrix times vector with INPUTS_AT_ONCE x OUTPUTS_AT_ONCE multipliers, again and again:
//   sum[j] = bias[j] + sum_i weight[j][i] * x[i]
// The vector arrives in BEATS beats of LANES elements and is multiplied while it arrives: for each beat, for
// each slice of INPUTS_AT_ONCE lanes, for each group of OUTPUTS_AT_ONCE sums. Sums leave one by one while the
// next vector arrives.
//
//   s_axis   BEATS beats per vector, LANES x BITS, lane 0 lowest
//   weights  one word for each (beat, slice, group), groups innermost: weight of output o and input i of the
//            tile in bits (o * INPUTS_AT_ONCE + i) * WEIGHT_BITS; answers one clock after the address
//   biases   one word for each group, likewise
//   sum      signed SUM_BITS of output `sum_index`, while `advance` is high one per clock
// One vector in max(BEATS * SLICES * GROUPS, OUTPUTS + $clog2(INPUTS_AT_ONCE) + 3) clocks. From the last beat
// to the first sum: (SLICES - 1) * GROUPS + $clog2(INPUTS_AT_ONCE) + 6 clocks. Two memories of GROUPS words of
// OUTPUTS_AT_ONCE * SUM_BITS (registers when GROUPS is 1).
`default_nettype none
module folded_matrix #(
    parameter int BEATS = 1,
    parameter int LANES = 4,
    parameter int BITS = 8,
    parameter bit IS_SIGNED = 1'b1,
    parameter int OUTPUTS = 4,
    parameter int INPUTS_AT_ONCE = 1,
    parameter int OUTPUTS_AT_ONCE = 1,
    parameter int WEIGHT_BITS = 8,
    parameter int SUM_BITS = 20,
    parameter int ADDRESS_BITS = 4,  // of the weights
    parameter int GROUP_BITS = 2,  // of the biases
    parameter int INDEX_BITS = 2  // of the outputs
) (
    input  wire                                                          clk,
    input  wire                                                          rst,
    input  wire         [LANES*BITS-1:0]                                 s_axis_tdata,
    input  wire                                                          s_axis_tvalid,
    output wire                                                          s_axis_tready,
    output wire                                                          weight_enable,
    output logic        [ADDRESS_BITS-1:0]                               weight_address,
    input  wire         [INPUTS_AT_ONCE*OUTPUTS_AT_ONCE*WEIGHT_BITS-1:0] weight_word,
    output wire                                                          bias_enable,
    output wire         [GROUP_BITS-1:0]                                 bias_address,
    input  wire         [OUTPUTS_AT_ONCE*SUM_BITS-1:0]                   bias_word,
    input  wire                                                          advance,
    output logic                                                         sum_valid,
    output logic        [INDEX_BITS-1:0]                                 sum_index,
    output logic signed [SUM_BITS-1:0]                                   sum
);
  localparam int I = INPUTS_AT_ONCE;
  localparam int O = OUTPUTS_AT_ONCE;
  localparam int SLICES = (LANES + I - 1) / I;
  localparam int GROUPS = (OUTPUTS + O - 1) / O;
  localparam int BB = $clog2(BEATS + 1);
  localparam int SB = $clog2(SLICES + 1);
  localparam int LEVELS = $clog2(I);
  localparam int DELAY = LEVELS + 1;  // clocks from operands to the sum of a tile's products
  localparam int X_BITS = BITS + 1;  // signed
  localparam int PRODUCT_BITS = X_BITS + WEIGHT_BITS + LEVELS;

  // Between two vectors nothing changes: one enable for all registers saves power, and simulation time.
  logic running;
  wire awake = rst | s_axis_tvalid | running;
  // `rst` once more, as a signal of this module: a simulator that groups registers by condition keeps it inside.
  wire clear = rst & awake;

  // A beat, slice by slice.
  logic [SLICES*I*BITS-1:0] beat;
  logic have;
  logic [BB-1:0] beat_count;
  logic [SB-1:0] slice;
  logic [GROUP_BITS-1:0] group;
  wire last_group = group == GROUP_BITS'(GROUPS - 1);
  wire last_slice = slice == SB'(SLICES - 1);
  wire last_beat = beat_count == BB'(BEATS - 1);
  wire first_pass = slice == '0 && beat_count == '0;
  wire last_pass = last_slice & last_beat;

  // The sums of a vector are kept until they have left; the next vector's wait before their last pass.
  logic occupied;
  wire issue = have & ~(last_pass & occupied & group == '0);
  wire beat_done = issue & last_group & last_slice;
  assign s_axis_tready = ~have | beat_done;
  wire take = s_axis_tvalid & s_axis_tready;

  always_ff @(posedge clk) if (awake)
    if (clear) begin
      have <= 1'b0;
      beat_count <= '0;
      slice <= '0;
      group <= '0;
      weight_address <= '0;
    end else begin
      have <= take | have & ~beat_done;
      if (issue) begin
        group <= last_group ? '0 : group + GROUP_BITS'(1);
        if (last_group) slice <= last_slice ? '0 : slice + SB'(1);
        if (beat_done) beat_count <= last_beat ? '0 : beat_count + BB'(1);
        weight_address <= last_group & last_pass ? '0 : weight_address + ADDRESS_BITS'(1);
      end
    end
  assign weight_enable = have;
  if (SLICES > 1) begin : g_slices
    always_ff @(posedge clk) if (awake)
      if (take) beat <= (SLICES * I * BITS)'(s_axis_tdata);
      else if (issue & last_group) beat <= beat >> (I * BITS);
  end else begin : g_one_slice
    always_ff @(posedge clk) if (awake) if (take) beat <= (SLICES * I * BITS)'(s_axis_tdata);
  end

  // Operands meet the weights, products are added up in a tree.
  logic [I*BITS-1:0] x;
  always_ff @(posedge clk) if (awake) if (issue & group == '0) x <= beat[I*BITS-1:0];
  logic [DELAY:0] valid, first, last;
  logic [(DELAY+1)*GROUP_BITS-1:0] groups;
  always_ff @(posedge clk) if (awake)
    if (clear) valid <= '0;
    else valid <= (DELAY + 1)'({valid, issue});
  always_ff @(posedge clk) if (awake)
    begin
      first <= (DELAY + 1)'({first, first_pass});
      last <= (DELAY + 1)'({last, last_pass});
      groups <= ((DELAY + 1) * GROUP_BITS)'({groups, group});
    end

  wire [O*SUM_BITS-1:0] products;
  for (genvar o = 0; o < O; o++) begin : g_output
    wire signed [PRODUCT_BITS-1:0] total;
    for (genvar l = 0; l <= LEVELS; l++) begin : g_level
      localparam int COUNT = (I + (1 << l) - 1) >> l;
      logic signed [PRODUCT_BITS-1:0] node[0:COUNT-1];
      if (l == 0) begin : g_products
        for (genvar i = 0; i < I; i++) begin : g_product
          wire [BITS-1:0] lane = x[i*BITS+:BITS];
          wire signed [X_BITS-1:0] element = {IS_SIGNED & lane[BITS-1], lane};
          wire signed [WEIGHT_BITS-1:0] weight = weight_word[(o*I+i)*WEIGHT_BITS+:WEIGHT_BITS];
          always_ff @(posedge clk) if (awake) if (valid[0]) node[i] <= PRODUCT_BITS'(element) * PRODUCT_BITS'(weight);
        end
      end else begin : g_joins
        localparam int BELOW = (I + (1 << (l - 1)) - 1) >> (l - 1);
        for (genvar k = 0; k < COUNT; k++) begin : g_join
          if (2 * k + 1 < BELOW) begin : g_two
            always_ff @(posedge clk) if (awake)
              if (valid[l]) node[k] <= g_level[l-1].node[2*k] + g_level[l-1].node[2*k+1];
          end else begin : g_one
            always_ff @(posedge clk) if (awake) if (valid[l]) node[k] <= g_level[l-1].node[2*k];
          end
        end
      end
    end
    assign total = g_level[LEVELS].node[0];
    wire unused = &{1'b0, total};
    assign products[o*SUM_BITS+:SUM_BITS] = SUM_BITS'(total);
  end

  // Sums so far: read with the bias when the products are ready one clock later, written back at once.
  wire [GROUP_BITS-1:0] read_group = groups[(DELAY-1)*GROUP_BITS+:GROUP_BITS];
  wire [GROUP_BITS-1:0] write_group = groups[DELAY*GROUP_BITS+:GROUP_BITS];
  wire accumulate = valid[DELAY];
  assign bias_enable = valid[DELAY-1];
  assign bias_address = read_group;
  wire [O*SUM_BITS-1:0] so_far, next;
  for (genvar o = 0; o < O; o++) begin : g_sum
    wire [SUM_BITS-1:0] from =
        first[DELAY] ? bias_word[o*SUM_BITS+:SUM_BITS] : so_far[o*SUM_BITS+:SUM_BITS];
    assign next[o*SUM_BITS+:SUM_BITS] = from + products[o*SUM_BITS+:SUM_BITS];
  end
  wire finish = accumulate & last[DELAY];
  logic [O*SUM_BITS-1:0] fetched;
  logic [GROUP_BITS-1:0] fetch_group;
  wire fetch;
  if (GROUPS == 1) begin : g_registers
    logic [O*SUM_BITS-1:0] held, done;
    assign so_far = held;
    always_ff @(posedge clk) if (awake) if (accumulate) held <= next;
    always_ff @(posedge clk) if (awake) if (finish) done <= next;
    always_ff @(posedge clk) if (awake) if (fetch) fetched <= done;
    wire unused = &{1'b0, write_group, fetch_group};
  end else begin : g_memories
    logic [O*SUM_BITS-1:0] sums[0:GROUPS-1];
    logic [O*SUM_BITS-1:0] done[0:GROUPS-1];
    logic [O*SUM_BITS-1:0] held;
    assign so_far = held;
    always_ff @(posedge clk) if (awake) if (valid[DELAY-1]) held <= sums[read_group];
    always_ff @(posedge clk) if (awake) if (accumulate) sums[write_group] <= next;
    always_ff @(posedge clk) if (awake) if (finish) done[write_group] <= next;
    always_ff @(posedge clk) if (awake) if (fetch) fetched <= done[fetch_group];
  end

  // Sums leave one by one, the first as soon as it is finished.
  localparam int LB = $clog2(O + 1);
  logic leaving, d_valid, d_fresh;
  logic [LB-1:0] fetch_lane;
  logic [INDEX_BITS-1:0] fetch_index, d_index;
  wire [O*SUM_BITS-1:0] current;
  if (O == 1) begin : g_one_sum
    assign current = fetched;
    wire unused = &{1'b0, d_fresh};
  end else begin : g_several_sums
    logic [O*SUM_BITS-1:0] rest;
    assign current = d_fresh ? fetched : rest;
    always_ff @(posedge clk) if (awake) if (advance & d_valid) rest <= current >> SUM_BITS;
  end
  wire step = leaving & advance;
  wire last_fetch = fetch_index == INDEX_BITS'(OUTPUTS - 1);
  wire last_lane = fetch_lane == LB'(O - 1);
  assign fetch = step & fetch_lane == '0;
  wire begin_last_pass = issue & last_pass & group == '0;
  always_ff @(posedge clk) if (awake)
    if (clear) begin
      occupied <= 1'b0;
      leaving <= 1'b0;
    end else begin
      if (begin_last_pass) occupied <= 1'b1;
      else if (step & last_fetch) occupied <= 1'b0;
      if (finish & write_group == '0) leaving <= 1'b1;
      else if (step & last_fetch) leaving <= 1'b0;
    end
  always_ff @(posedge clk) if (awake)
    if (clear) begin
      fetch_group <= '0;
      fetch_lane <= '0;
      fetch_index <= '0;
    end else if (step) begin
      fetch_index <= last_fetch ? '0 : fetch_index + INDEX_BITS'(1);
      fetch_lane <= last_fetch | last_lane ? '0 : fetch_lane + LB'(1);
      if (last_fetch) fetch_group <= '0;
      else if (last_lane) fetch_group <= fetch_group + GROUP_BITS'(1);
    end
  always_ff @(posedge clk) if (awake)
    if (clear) begin
      d_valid <= 1'b0;
      sum_valid <= 1'b0;
    end else if (advance) begin
      d_valid <= leaving;
      sum_valid <= d_valid;
    end
  always_ff @(posedge clk) if (awake)
    if (advance & leaving) begin
      d_index <= fetch_index;
      d_fresh <= fetch_lane == '0;
    end
  always_ff @(posedge clk) if (awake)
    if (advance & d_valid) begin
      sum <= current[SUM_BITS-1:0];
      sum_index <= d_index;
    end
  always_ff @(posedge clk) if (awake)
    running <= ~rst & (s_axis_tvalid | have | valid != '0 | leaving | d_valid | sum_valid);
endmodule
`default_nettype wire
