// unrolled_mlp: a network NI -> N1 -> N2 -> 2 of 8-bit integers, every product with its own constant: one inference per
// clock on the last NI samples. NI, N1 and N2 are powers of two.
`default_nettype none
module unrolled_mlp #(
    parameter int NI = 64,
    parameter int N1 = 32,
    parameter int N2 = 16
) (
    input wire clk,
    input wire rst,
    input wire in_valid,
    input wire [7:0] in_x,
    output wire out_valid,
    output wire [23:0] out0,
    output wire [23:0] out1
);
  logic [NI*8-1:0] x;
  always_ff @(posedge clk) if (in_valid) x <= {in_x, x[NI*8-1:8]};
  wire [N1*8-1:0] y1;
  wire [N2*8-1:0] y2;
  wire [15:0] unused_y3;
  wire [N1*24-1:0] unused_r1;
  wire [N2*24-1:0] unused_r2;
  wire [47:0] r3;
  unrolled_layer #(.NI(NI), .NO(N1), .SEED(1)) first_i (.clk(clk), .x(x), .y(y1), .raw(unused_r1));
  unrolled_layer #(.NI(N1), .NO(N2), .SEED(7001)) second_i (.clk(clk), .x(y1), .y(y2), .raw(unused_r2));
  unrolled_layer #(.NI(N2), .NO(2), .SEED(9001)) third_i (.clk(clk), .x(y2), .y(unused_y3), .raw(r3));
  localparam int LATENCY = $clog2(NI) + $clog2(N1) + $clog2(N2) + 9;
  logic [LATENCY-1:0] valid;
  always_ff @(posedge clk) valid <= rst ? '0 : {valid[LATENCY-2:0], in_valid};
  assign out_valid = valid[LATENCY-1];
  assign out0 = r3[23:0];
  assign out1 = r3[47:24];
endmodule
`default_nettype wire
