// unrolled_neuron: NI products with constants and a tree of adders, a register behind each; NI is a power of two.
`default_nettype none
module unrolled_neuron #(
    parameter int NI = 64,
    parameter int SEED = 0
) (
    input wire clk,
    input wire [NI*8-1:0] x,
    output logic signed [23:0] acc
);
  localparam int LEVELS = $clog2(NI);
  generate
    for (genvar l = 0; l <= LEVELS; l++) begin : g_level
      for (genvar i = 0; i < (NI >> l); i++) begin : g_sum
        logic signed [23:0] r;
        if (l == 0) begin : g_product
          localparam logic [31:0] HASH = 32'((SEED + i) * 32'd2654435761);
          localparam logic signed [7:0] WEIGHT = 8'(32'(HASH[31:16] % 64)) - 8'sd28;
          wire signed [7:0] factor = x[8*i+:8];
          always_ff @(posedge clk) r <= factor * WEIGHT;
        end else begin : g_add
          always_ff @(posedge clk) r <= g_level[l-1].g_sum[2*i].r + g_level[l-1].g_sum[2*i+1].r;
        end
      end
    end
  endgenerate
  localparam logic signed [23:0] BIAS = 24'(SEED % 100) * 64 - 24'sd3200;
  always_ff @(posedge clk) acc <= g_level[LEVELS].g_sum[0].r + BIAS;
endmodule
`default_nettype wire
