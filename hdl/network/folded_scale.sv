// folded_scale: y = clamp((x * multiply + add + tie) >> shift, low, high) on elements that come one by one.
//
// With HAS_MULTIPLY 0 the factor is 1; `add` is add_negative for x < 0 and add_positive otherwise; with
// `even`, tie is bit `shift` of x * multiply (with add = 2^(shift-1) - 1: half to even). The parameters
// belong to the element that came the clock before (a memory answers its index).
// Latency 3 clocks, 4 with HAS_MULTIPLY; one element per clock while `advance` is high.
`default_nettype none
module folded_scale #(
    parameter int X_BITS = 16,
    parameter int Y_BITS = 8,
    parameter int MULTIPLY_BITS = 8,
    parameter int SUM_BITS = 24,  // signed, holds product and sum
    parameter int SHIFT_BITS = 4,
    parameter int INDEX_BITS = 2,
    parameter bit HAS_MULTIPLY = 1'b1,
    parameter bit HAS_LIMITS = 1'b1
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            advance,
    input  wire                            s_valid,
    input  wire         [INDEX_BITS-1:0]   s_index,
    input  wire  signed [X_BITS-1:0]       s_x,
    input  wire  signed [MULTIPLY_BITS-1:0] multiply,
    input  wire  signed [SUM_BITS-1:0]     add_positive,
    input  wire  signed [SUM_BITS-1:0]     add_negative,
    input  wire                            even,
    input  wire         [SHIFT_BITS-1:0]   shift,
    input  wire  signed [Y_BITS-1:0]       low,
    input  wire  signed [Y_BITS-1:0]       high,
    output logic                           m_valid,
    output logic        [INDEX_BITS-1:0]   m_index,
    output logic signed [Y_BITS-1:0]       m_y
);
  logic a_valid;
  wire b_valid;
  // Between elements nothing changes: one enable for all registers saves power, and simulation time.
  logic running;
  wire awake = rst | s_valid | running;
  // `rst` once more, as a signal of this module: a simulator that groups registers by condition keeps it inside.
  wire clear = rst & awake;
  logic [INDEX_BITS-1:0] a_index, c_index;
  logic signed [X_BITS-1:0] a_x;
  logic c_valid;
  always_ff @(posedge clk) if (awake)
    if (clear) begin
      a_valid <= 1'b0;
      c_valid <= 1'b0;
      m_valid <= 1'b0;
    end else if (advance) begin
      a_valid <= s_valid;
      c_valid <= b_valid;
      m_valid <= c_valid;
    end
  always_ff @(posedge clk) if (awake)
    if (advance & s_valid) begin
      a_index <= s_index;
      a_x <= s_x;
    end

  // b: the product with its parameters.
  wire [INDEX_BITS-1:0] b_index;
  wire signed [SUM_BITS-1:0] b_product, b_add;
  wire b_even;
  wire [SHIFT_BITS-1:0] b_shift;
  wire signed [Y_BITS-1:0] b_low, b_high;
  if (HAS_MULTIPLY) begin : g_multiply
    logic p_valid, p_even;
    logic [INDEX_BITS-1:0] p_index;
    logic signed [SUM_BITS-1:0] p_product, p_add;
    logic [SHIFT_BITS-1:0] p_shift;
    logic signed [Y_BITS-1:0] p_low, p_high;
    always_ff @(posedge clk) if (awake)
      if (clear) p_valid <= 1'b0;
      else if (advance) p_valid <= a_valid;
    always_ff @(posedge clk) if (awake)
      if (advance & a_valid) begin
        p_product <= SUM_BITS'(a_x) * SUM_BITS'(multiply);
        p_add <= a_x[X_BITS-1] ? add_negative : add_positive;
        p_even <= even;
        p_shift <= shift;
        p_low <= low;
        p_high <= high;
        p_index <= a_index;
      end
    assign b_valid = p_valid;
    assign b_product = p_product;
    assign b_add = p_add;
    assign b_even = p_even;
    assign b_shift = p_shift;
    assign b_low = p_low;
    assign b_high = p_high;
    assign b_index = p_index;
  end else begin : g_plain
    wire unused = &{1'b0, multiply};
    assign b_valid = a_valid;
    assign b_product = SUM_BITS'(a_x);
    assign b_add = a_x[X_BITS-1] ? add_negative : add_positive;
    assign b_even = even;
    assign b_shift = shift;
    assign b_low = low;
    assign b_high = high;
    assign b_index = a_index;
  end

  wire tie = b_even & 1'(b_product >> b_shift);
  logic signed [SUM_BITS-1:0] c_sum;
  logic [SHIFT_BITS-1:0] c_shift;
  logic signed [Y_BITS-1:0] c_low, c_high;
  always_ff @(posedge clk) if (awake)
    if (advance & b_valid) begin
      c_sum <= b_product + b_add + SUM_BITS'({1'b0, tie});
      c_shift <= b_shift;
      c_low <= b_low;
      c_high <= b_high;
      c_index <= b_index;
    end

  wire signed [SUM_BITS-1:0] shifted = c_sum >>> c_shift;
  logic signed [Y_BITS-1:0] y;
  if (HAS_LIMITS) begin : g_limits
    always_comb
      if (shifted < SUM_BITS'(c_low)) y = c_low;
      else if (shifted > SUM_BITS'(c_high)) y = c_high;
      else y = shifted[Y_BITS-1:0];
  end else begin : g_free
    wire unused = &{1'b0, c_low, c_high};
    assign y = shifted[Y_BITS-1:0];
  end
  if (SUM_BITS > Y_BITS) begin : g_unused
    wire unused = &{1'b0, shifted[SUM_BITS-1:Y_BITS]};
  end
  always_ff @(posedge clk) if (awake)
    if (advance & c_valid) begin
      m_y <= y;
      m_index <= c_index;
    end
  always_ff @(posedge clk) if (awake) running <= ~rst & (s_valid | a_valid | b_valid | c_valid | m_valid);
endmodule
`default_nettype wire
