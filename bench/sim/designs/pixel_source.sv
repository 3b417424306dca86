// pixel_source: noisy 12-bit pixels with rare bright spots of a few pixels, and a pedestal table to begin with.
`default_nettype none
module pixel_source #(
    parameter int LINE = 2304
) (
    input wire clk,
    input wire rst,
    input wire [63:0] random,
    output wire px_valid,
    output wire [11:0] px,
    output wire ped_we,
    output wire [11:0] ped_addr,
    output wire [11:0] ped_data
);
  logic [11:0] count;
  logic [2:0] bright;
  wire filling = count != 12'(LINE);
  always_ff @(posedge clk) begin
    count <= rst ? 12'd0 : filling ? count + 12'd1 : count;
    bright <= &random[9:0] ? 3'd7 : bright == 3'd0 ? 3'd0 : bright - 3'd1;
  end
  assign px_valid = ~filling & ~rst;
  assign px = 12'd100 + {7'd0, random[20:16]} + (bright != 3'd0 ? {4'd0, random[31:24]} : 12'd0);
  assign ped_we = filling & ~rst;
  assign ped_addr = count;
  assign ped_data = 12'd90 + {9'd0, random[50:48]};
endmodule
`default_nettype wire
