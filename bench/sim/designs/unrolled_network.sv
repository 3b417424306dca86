// unrolled_network: a fully unrolled network 128 -> 32 -> 32 -> 2 on random samples.
`default_nettype none
module unrolled_network (
    input  wire         clk,
    output wire [31:0] state
);
  wire rst, valid;
  wire [63:0] random;
  wire [23:0] nn0, nn1;
  stimulus stimulus_i (.clk(clk), .rst(rst), .random(random));
  unrolled_mlp #(
      .NI(128),
      .N1(32),
      .N2(32)
  ) mlp_i (.clk(clk), .rst(rst), .in_valid(~rst), .in_x(random[7:0]), .out_valid(valid), .out0(nn0), .out1(nn1));
  wire [31:0] value = ({nn0, 8'd0} ^ {8'd0, nn1}) & {32{valid}};
  signature signature_i (.clk(clk), .value(value), .state(state));
endmodule
`default_nettype wire
