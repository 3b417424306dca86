// folded_float32: float32 arithmetic in integers, exact to the bit, on elements that come one by one:
//   y = clamp(round_half_even(float32(float32(x) * significand * 2^exponent)) + ZERO_POINT, LOW, HIGH)
//
// `significand` has its bit 23 set; it and `exponent` belong to the element that came the clock before (a
// memory answers its index). Results below the normal numbers of float32 round to 0 either way, results
// beyond its range saturate; so does this.
// Latency 7 clocks, one element per clock while `advance` is high. One multiplier of 25 x 24 bits.
`default_nettype none
module folded_float32 #(
    parameter int X_BITS = 24,
    parameter int Y_BITS = 9,  // signed, holds LOW and HIGH
    parameter int EXPONENT_BITS = 9,  // signed
    parameter int INDEX_BITS = 2
) (
    input  wire                             clk,
    input  wire                             rst,
    input  wire                             advance,
    input  wire                             s_valid,
    input  wire         [INDEX_BITS-1:0]    s_index,
    input  wire  signed [X_BITS-1:0]        s_x,
    input  wire         [23:0]              significand,
    input  wire  signed [EXPONENT_BITS-1:0] exponent,
    input  wire  signed [Y_BITS-1:0]        zero_point,
    input  wire  signed [Y_BITS-1:0]        low,
    input  wire  signed [Y_BITS-1:0]        high,
    output logic                            m_valid,
    output logic        [INDEX_BITS-1:0]    m_index,
    output logic signed [Y_BITS-1:0]        m_y
);
  // Wide enough for every exponent that occurs: of the parameter, plus two normalisations.
  localparam int E_BITS = (EXPONENT_BITS > 7 ? EXPONENT_BITS : 7) + 2;
  localparam int W = X_BITS > 26 ? X_BITS : 26;
  localparam int R_BITS = Y_BITS + 1;  // magnitude of a rounded result before the zero point, saturated

  logic [6:0] valid;  // of stages a ... g; m is the last
  assign m_valid = valid[6];
  always_ff @(posedge clk)
    if (rst) valid <= '0;
    else if (advance) valid <= {valid[5:0], s_valid};

  // a: magnitude and sign.
  logic [INDEX_BITS-1:0] a_index, b_index, c_index, d_index, e_index, f_index;
  logic a_sign, b_sign, c_sign, d_sign, e_sign;
  logic [W-1:0] a_magnitude;
  wire [X_BITS-1:0] magnitude = s_x[X_BITS-1] ? -s_x : s_x;
  always_ff @(posedge clk)
    if (advance & s_valid) begin
      a_sign <= s_x[X_BITS-1];
      a_magnitude <= W'(magnitude);
      a_index <= s_index;
    end

  // b: x as a float32: 24 significant bits, half to even.
  wire [24:0] b_round;
  wire [6:0] b_shift;
  float32_round #(.WIDTH(W)) round_x (.magnitude(a_magnitude), .rounded(b_round), .shift(b_shift));
  logic [24:0] b_mantissa;
  logic [23:0] b_significand;
  logic signed [E_BITS-1:0] b_exponent;
  logic signed [Y_BITS-1:0] b_zero, c_zero, d_zero, e_zero, f_zero;
  logic signed [Y_BITS-1:0] b_low, c_low, d_low, e_low, f_low, b_high, c_high, d_high, e_high, f_high;
  always_ff @(posedge clk)
    if (advance & valid[0]) begin
      b_sign <= a_sign;
      b_index <= a_index;
      b_mantissa <= b_round;
      b_significand <= significand;
      b_exponent <= E_BITS'(exponent) + E_BITS'({1'b0, b_shift});
      b_zero <= zero_point;
      b_low <= low;
      b_high <= high;
    end

  // c: the exact product.
  logic [48:0] c_product;
  logic signed [E_BITS-1:0] c_exponent;
  always_ff @(posedge clk)
    if (advance & valid[1]) begin
      c_sign <= b_sign;
      c_index <= b_index;
      c_product <= 49'(b_mantissa) * 49'(b_significand);
      c_exponent <= b_exponent;
      c_zero <= b_zero;
      c_low <= b_low;
      c_high <= b_high;
    end

  // d: the product as a float32.
  wire [24:0] d_round;
  wire [6:0] d_shift;
  float32_round #(.WIDTH(49)) round_product (.magnitude(c_product), .rounded(d_round), .shift(d_shift));
  logic [24:0] d_mantissa;
  logic signed [E_BITS-1:0] d_exponent;
  always_ff @(posedge clk)
    if (advance & valid[2]) begin
      d_sign <= c_sign;
      d_index <= c_index;
      d_mantissa <= d_round;
      d_exponent <= c_exponent + E_BITS'({1'b0, d_shift});
      d_zero <= c_zero;
      d_low <= c_low;
      d_high <= c_high;
    end

  // e: the nearest integer, half to even: to the right, or to the left with saturation.
  wire to_right = d_exponent[E_BITS-1];
  wire [E_BITS-1:0] distance = to_right ? -d_exponent : d_exponent;
  wire vanishes = distance > E_BITS'(26);
  wire [4:0] right = distance[4:0];
  wire [50:0] widened = {d_mantissa, 26'd0} >> right;
  wire [24:0] whole = widened[50:26];
  wire up = widened[25] & (widened[24:0] != '0 | whole[0]);
  localparam int L_BITS = R_BITS + 25;
  wire overflows = distance >= E_BITS'(R_BITS);
  wire [L_BITS-1:0] left = L_BITS'(d_mantissa) << distance[$clog2(R_BITS+1)-1:0];
  logic e_saturate;
  logic [L_BITS-1:0] e_integer;
  always_ff @(posedge clk)
    if (advance & valid[3]) begin
      e_sign <= d_sign;
      e_index <= d_index;
      e_saturate <= ~to_right & overflows & d_mantissa != '0;
      if (to_right) e_integer <= vanishes ? '0 : L_BITS'(whole) + L_BITS'(up);
      else e_integer <= left;
      e_zero <= d_zero;
      e_low <= d_low;
      e_high <= d_high;
    end

  // f: saturated to R_BITS, with its sign.
  wire too_big = e_saturate | e_integer[L_BITS-1:R_BITS] != '0;
  wire signed [R_BITS:0] limited = {1'b0, too_big ? {R_BITS{1'b1}} : e_integer[R_BITS-1:0]};
  logic signed [R_BITS:0] f_integer;
  always_ff @(posedge clk)
    if (advance & valid[4]) begin
      f_index <= e_index;
      f_integer <= e_sign ? -limited : limited;
      f_zero <= e_zero;
      f_low <= e_low;
      f_high <= e_high;
    end

  // m: the zero point and the limits.
  localparam int T_BITS = R_BITS + 2;
  wire signed [T_BITS-1:0] total = T_BITS'(f_integer) + T_BITS'(f_zero);
  always_ff @(posedge clk)
    if (advance & valid[5]) begin
      m_index <= f_index;
      m_y <= total < T_BITS'(f_low) ? f_low : total > T_BITS'(f_high) ? f_high : total[Y_BITS-1:0];
    end
endmodule
`default_nettype wire
