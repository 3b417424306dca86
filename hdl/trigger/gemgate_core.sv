// gemgate_core: register file and datapath, what every board wraps.
//
//   reg_*     one write or read per clock; reg_read_data follows reg_read by one clock
//   s_axis_*  {pedestal word 32, pixel 16}; m_axis_*  event packets; see recoil_trigger.sv
`default_nettype none
module gemgate_core #(
    parameter int LABEL_BITS = 8,
    parameter int COLUMN_BITS = 10,
    parameter logic [31:0] BUILD = 32'd0
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         reg_write,
    input  wire         reg_read,
    input  wire  [ 4:0] reg_address,
    input  wire  [31:0] reg_write_data,
    output wire  [31:0] reg_read_data,
    input  wire         s_axis_tvalid,
    output wire         s_axis_tready,
    input  wire  [47:0] s_axis_tdata,
    output wire         m_axis_tvalid,
    input  wire         m_axis_tready,
    output wire  [31:0] m_axis_tdata,
    output wire         m_axis_tlast
);
  wire [12:0] width, height;
  wire [2:0] binning;
  wire weight_enable, common_enable, gain_enable, tile_enable, table_rewind, table_write;
  wire [2:0] weight_shift, link;
  wire [3:0] gain_columns, gain_rows;
  wire [16:0] clip_low, clip_high, common_content, common_search;
  wire [24:0] threshold_low, threshold_high;
  wire [15:0] minimum_pixels;
  wire [8:0] tile_size;
  wire [6:0] tile_margin;
  wire [1:0] table_select;
  wire [23:0] table_word;
  wire [31:0] frame_number, time_low, time_high, frames;
  wire [31:0] unused_clipped_pixels;
  wire unused_reset, reset;

  register_file register_file_i (
      .clk(clk),
      .rst(rst),
      .write(reg_write),
      .read(reg_read),
      .address(reg_address),
      .write_data(reg_write_data),
      .read_data(reg_read_data),
      .status_build(BUILD),
      .status_frames(frames),
      .status_capability({11'd0, 1'b0, 1'b1, 4'd10, 4'(LABEL_BITS), 11'(1 << COLUMN_BITS)}),
      .cfg_reset(unused_reset),
      .cfg_width(width),
      .cfg_height(height),
      .cfg_binning(binning),
      .cfg_clip_low(clip_low),
      .cfg_clip_high(clip_high),
      .cfg_weight_enable(weight_enable),
      .cfg_weight_shift(weight_shift),
      .cfg_common_enable(common_enable),
      .cfg_common_content(common_content),
      .cfg_common_search(common_search),
      .cfg_gain_enable(gain_enable),
      .cfg_gain_columns(gain_columns),
      .cfg_gain_rows(gain_rows),
      .cfg_threshold_low(threshold_low),
      .cfg_threshold_high(threshold_high),
      .cfg_link(link),
      .cfg_minimum_pixels(minimum_pixels),
      .cfg_tile_enable(tile_enable),
      .cfg_tile_size(tile_size),
      .cfg_tile_margin(tile_margin),
      .cfg_table(table_select),
      .cfg_table_word(table_word),
      .cfg_frame_number(frame_number),
      .cfg_time_low(time_low),
      .cfg_time_high(time_high),
      .cfg_clipped_pixels(unused_clipped_pixels),
      .strobe_reset(reset),
      .strobe_table(table_rewind),
      .strobe_table_word(table_write)
  );

  recoil_trigger #(
      .LABEL_BITS (LABEL_BITS),
      .COLUMN_BITS(COLUMN_BITS)
  ) recoil_trigger_i (
      .clk(clk),
      .rst(rst | reset),
      .cfg_width(width),
      .cfg_height(height),
      .cfg_binning(binning),
      .cfg_clip_low(clip_low),
      .cfg_clip_high(clip_high),
      .cfg_weight_enable(weight_enable),
      .cfg_weight_shift(weight_shift),
      .cfg_common_enable(common_enable),
      .cfg_common_content(common_content),
      .cfg_common_search(common_search),
      .cfg_gain_enable(gain_enable),
      .cfg_gain_columns(gain_columns),
      .cfg_gain_rows(gain_rows),
      .cfg_threshold_low(threshold_low),
      .cfg_threshold_high(threshold_high),
      .cfg_link(link),
      .cfg_minimum_pixels(minimum_pixels),
      .cfg_tile_enable(tile_enable),
      .cfg_tile_size(tile_size),
      .cfg_tile_margin(tile_margin),
      .cfg_frame_number(frame_number),
      .cfg_time_tag({time_high, time_low}),
      .table_select(table_select),
      .table_rewind(table_rewind),
      .table_write(table_write),
      .table_word(table_word),
      .frames(frames),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tdata(s_axis_tdata),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tlast(m_axis_tlast)
  );
endmodule
`default_nettype wire
