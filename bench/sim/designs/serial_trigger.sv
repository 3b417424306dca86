// serial_trigger: front end and a network whose neurons take turns.
`default_nettype none
module serial_trigger (
    input  wire         clk,
    output wire [31:0] state
);
  wire rst, px_valid, ped_we, sum_valid, hit, tile_valid, nn_valid;
  wire [63:0] random;
  wire [11:0] px, ped_addr, ped_data;
  wire [15:0] sum, tile_count;
  wire [5:0] tile_idx;
  wire [23:0] nn0, nn1;
  stimulus stimulus_i (.clk(clk), .rst(rst), .random(random));
  pixel_source source_i (.clk(clk), .rst(rst), .random(random), .px_valid(px_valid), .px(px), .ped_we(ped_we),
      .ped_addr(ped_addr), .ped_data(ped_data));
  front_end front_end_i (.clk(clk), .rst(rst), .px_valid(px_valid), .px(px), .ped_we(ped_we), .ped_addr(ped_addr),
      .ped_data(ped_data), .threshold(16'd600), .roi_x0(12'd0), .roi_x1(12'd2304), .roi_y0(12'd0),
      .roi_y1(12'd4095), .sum_valid(sum_valid), .sum(sum), .hit(hit), .tile_valid(tile_valid), .tile_idx(tile_idx),
      .tile_count(tile_count));
  wire [15:0] scaled = sum >> 4;
  wire [7:0] feature = scaled > 16'd127 ? 8'd127 : scaled[7:0];
  wire unused_busy;
  serial_mlp mlp_i (.clk(clk), .rst(rst), .in_valid(sum_valid), .in_x(feature), .start(hit), .out_valid(nn_valid),
      .out0(nn0), .out1(nn1), .busy(unused_busy));
  wire [31:0] value = {hit, tile_valid, tile_idx, tile_count[7:0] & {8{tile_valid}}, sum} ^
      ({nn0, 8'd0} & {32{nn_valid}}) ^ ({8'd0, nn1} & {32{nn_valid}});
  signature signature_i (.clk(clk), .value(value), .state(state));
endmodule
`default_nettype wire
