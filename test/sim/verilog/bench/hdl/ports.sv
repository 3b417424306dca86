// ports: every kind of port that a bench reads and writes, a reset, and a counter.
`default_nettype none
module ports (
    input  wire               clk,
    input  wire               rst_n,
    input  wire         [7:0] a,
    input  wire signed  [3:0] s,
    input  wire        [39:0] wide_in,
    output logic        [7:0] q,
    output wire         [7:0] comb,
    output wire  signed [3:0] negative,
    output wire signed [39:0] wide,
    output logic       [15:0] count,
    output logic        [7:0] recall,
    output wire               busy
);
  logic [7:0] memory[4];

  assign comb     = a + 8'd1;
  assign negative = s;
  assign wide     = wide_in;
  assign busy     = count[3];

  always_ff @(posedge clk) begin
    q <= a;
    memory[a[1:0]] <= a;
    recall <= memory[a[1:0]];
    count <= rst_n ? count + 16'd1 : 16'd0;
  end
endmodule
`default_nettype wire
