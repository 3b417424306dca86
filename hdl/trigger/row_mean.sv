// row_mean: the rounded mean of those values of a row whose size is at most a limit.
//
// Twin of the mean in src/trigger/common-mode.ts: over the n values |v| <= limit, with u = sum (v + limit),
//   mean = floor((2 u + n) / (2 n)) - limit, 0 when n = 0.
//   value  s18, taken while `take` is high     mean  s18, 20 clocks after `divide`
// `divide` closes the row: its sums go to the divider, a value taken in the same clock belongs to the next
// row. One value per clock, at most 2 ** COLUMN_BITS in a row; 18 clocks of `step` after `divide`. Nothing changes
// while `awake` is low.
`default_nettype none
module row_mean #(
    parameter int COLUMN_BITS = 10
) (
    input  wire                clk,
    input  wire                awake,
    input  wire                start,   // a new frame: nothing taken
    input  wire         [16:0] limit,
    input  wire                take,
    input  wire  signed [17:0] value,
    input  wire                divide,
    input  wire                step,
    output wire  signed [17:0] mean
);
  localparam int C = COLUMN_BITS;
  logic [C:0] number;
  logic [C+17:0] sum;
  wire signed [18:0] bound = $signed({2'b0, limit});
  wire counted = 19'(value) <= bound && 19'(value) >= -bound;
  wire [17:0] shifted = value + $signed({1'b0, limit});

  always_ff @(posedge clk)
    if (awake & (start | divide | take)) begin
      number <= (start | divide ? '0 : number) + {{C{1'b0}}, take & counted};
      sum <= (start | divide ? '0 : sum) + (take & counted ? {{C{1'b0}}, shifted} : '0);
    end

  // Long division, one bit of the quotient per clock; the quotient is at most 2 * limit.
  logic [C+1:0] divisor, remainder;
  logic [17:0] quotient;  // lower bits of the dividend move out as those of the quotient move in
  wire [C+19:0] dividend = {1'b0, sum, 1'b0} + {19'b0, number};
  wire [C+2:0] trial = {remainder, quotient[17]};
  wire fits = trial >= {1'b0, divisor};
  wire [C+2:0] rest = trial - {1'b0, divisor};
  wire unused = &{1'b0, rest[C+2]};
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (divide) begin
      divisor <= {number, 1'b0};
      {remainder, quotient} <= dividend;
    end else if (step) begin
      remainder <= fits ? rest[C+1:0] : trial[C+1:0];
      quotient  <= {quotient[16:0], fits};
    end
  assign mean = divisor == 0 ? 18'sd0 : $signed(quotient) - $signed({1'b0, limit});
endmodule
`default_nettype wire
