// parallel_mlp: a network 64 -> 32 -> 16 -> 2 of 8-bit integers with one multiplier per neuron, layers in a pipeline.
`default_nettype none
module parallel_mlp (
  input  wire clk, rst, in_valid, input wire [7:0] in_x, input wire start,
  output wire out_valid, output wire [23:0] out0, out1, output wire busy
);
  reg [511:0] ib; reg [6:0] icnt; reg col; reg go;
  assign busy = col;
  always_ff @(posedge clk) begin
    go <= 0;
    if (rst) begin col <= 0; icnt <= 0; end
    else if (!col) begin if (start) begin col <= 1; icnt <= 0; end end
    else if (in_valid) begin
      ib <= {in_x, ib[511:8]};
      icnt <= icnt + 7'd1;
      if (icnt == 63) begin col <= 0; go <= 1; end
    end
  end
  wire d1, d2; wire [255:0] v1; wire [127:0] v2; wire [47:0] r3;
  parallel_layer #(64, 32, 1) l1 (clk, rst, go, ib, d1, v1, );
  parallel_layer #(32, 16, 5000) l2 (clk, rst, d1, v1, d2, v2, );
  parallel_layer #(16,  2, 9000) l3 (clk, rst, d2, v2, out_valid, , r3);
  assign out0 = r3[23:0]; assign out1 = r3[47:24];
endmodule
`default_nettype wire
