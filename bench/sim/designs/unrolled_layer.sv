// unrolled_layer: NO neurons of NI inputs, a vector per clock; `y` is clipped to 0..127, `raw` is the sum.
`default_nettype none
module unrolled_layer #(
    parameter int NI = 64,
    parameter int NO = 32,
    parameter int SEED = 0
) (
    input wire clk,
    input wire [NI*8-1:0] x,
    output wire [NO*8-1:0] y,
    output wire [NO*24-1:0] raw
);
  generate
    for (genvar o = 0; o < NO; o++) begin : g_neuron
      wire signed [23:0] acc;
      unrolled_neuron #(
          .NI(NI),
          .SEED(SEED + o * NI)
      ) neuron_i (
          .clk(clk),
          .x(x[0+:NI*8]),
          .acc(acc)
      );
      wire signed [23:0] shifted = acc >>> 6;
      logic [7:0] clipped;
      logic [23:0] kept;
      always_ff @(posedge clk) begin
        kept <= acc;
        clipped <= acc < 0 ? 8'd0 : shifted > 127 ? 8'd127 : shifted[7:0];
      end
      assign y[8*o+:8] = clipped;
      assign raw[24*o+:24] = kept;
    end
  endgenerate
endmodule
`default_nettype wire
