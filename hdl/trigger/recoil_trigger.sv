// recoil_trigger: the datapath. Pixels in, one event packet per frame out.
//
//   pixels - pedestal, weights - binning - common mode - matched filter - gain - clustering - features - classifier
//          \ tile deviation                                          \ region blocks        event packet /
//
// Twin of Datapath in src/trigger/datapath.ts.
//   s_axis_tdata {pedestal word 32, pixel 16}, raster order, see pixel_stage.sv; m_axis: event_packet.sv
// Throughput 1 pixel per clock with a binning of 2 or 4 as long as a row of macro-pixels and its clusters are
// worked off in the time in which the next one is read out (175 clocks per reported cluster); beyond that
// s_axis_tready goes low and nothing is lost. With a binning of 1 every row takes 2 clocks more, with tiles every row
// of tiles 15 clocks per tile and 64.
// One frame is in flight: s_axis_tready is low after its last pixel until the packet was written. Measured on a LIME
// frame, 2304 x 2304 in macro-pixels of 4 x 4, tiles on, from the last pixel to the last word: 1806 clocks (23 for the
// mean of the last row, 3 rows of 578 for it and the two behind it to pass the filter, 32 for the words of tiles and
// trailer, 17 in pipelines), 326 more for a cluster that is open at the end (115 features, 205 classifier, 6 words of
// blocks), 146 to 250 for each further one: 76 us with two of them at 30 MHz. In all 5259 clocks beyond one per pixel.
// All cfg_* are sampled in the clock in which the first pixel of a frame waits.
`default_nettype none
module recoil_trigger #(
    parameter int LABEL_BITS  = 8,
    parameter int COLUMN_BITS = 10
) (
    input  wire         clk,
    input  wire         rst,
    input  wire  [12:0] cfg_width,
    input  wire  [12:0] cfg_height,
    input  wire  [ 2:0] cfg_binning,
    input  wire  [16:0] cfg_clip_low,
    input  wire  [16:0] cfg_clip_high,
    input  wire         cfg_weight_enable,
    input  wire  [ 2:0] cfg_weight_shift,
    input  wire         cfg_common_enable,
    input  wire  [16:0] cfg_common_content,
    input  wire  [16:0] cfg_common_search,
    input  wire         cfg_gain_enable,
    input  wire  [ 3:0] cfg_gain_columns,
    input  wire  [ 3:0] cfg_gain_rows,
    input  wire  [24:0] cfg_threshold_low,
    input  wire  [24:0] cfg_threshold_high,
    input  wire  [ 2:0] cfg_link,
    input  wire  [15:0] cfg_minimum_pixels,
    input  wire         cfg_tile_enable,
    input  wire  [ 8:0] cfg_tile_size,
    input  wire  [ 6:0] cfg_tile_margin,
    input  wire  [31:0] cfg_frame_number,
    input  wire  [63:0] cfg_time_tag,
    input  wire  [ 1:0] table_select,       // 0 tile thresholds, 1 pixel weights, 2 region gains
    input  wire         table_rewind,       // the next word is the first one of the table
    input  wire         table_write,
    input  wire  [23:0] table_word,
    output logic [31:0] frames,             // packets written since reset
    input  wire         s_axis_tvalid,
    output wire         s_axis_tready,
    input  wire  [47:0] s_axis_tdata,
    output wire         m_axis_tvalid,
    input  wire         m_axis_tready,
    output wire  [31:0] m_axis_tdata,
    output wire         m_axis_tlast
);
  // --- input register slice: s_axis_tready is a flip-flop
  wire in_valid, in_ready;
  wire [47:0] in_data;
  skid_buffer #(
      .WIDTH(48)
  ) skid_i (
      .clk(clk),
      .rst(rst),
      .s_tvalid(s_axis_tvalid),
      .s_tready(s_axis_tready),
      .s_tdata(s_axis_tdata),
      .m_tvalid(in_valid),
      .m_tready(in_ready),
      .m_tdata(in_data)
  );

  // --- frame control
  localparam logic [2:0] IDLE = 0, START = 1, PIXELS = 2, DRAIN = 3, FINISH = 4;
  logic [2:0] state;
  logic [12:0] width, height, column, row;
  logic [2:0] binning;
  logic weight_enable, common_enable, gain_enable, tile_enable;
  logic [2:0] weight_shift, link;
  logic [3:0] gain_columns, gain_rows;
  logic [16:0] clip_low, clip_high, common_content, common_search;
  logic [24:0] threshold_low, threshold_high;
  logic [15:0] minimum_pixels;
  logic [8:0] tile_size;
  logic [6:0] tile_margin;
  logic [31:0] frame_number, clipped_pixels;
  logic [63:0] time_tag;
  wire start = state == START;
  wire advance;
  wire take = in_valid & in_ready;
  wire last_column = column == width - 13'd1;
  wire clustering_done, tiles_done, features_ready, packet_idle;
  wire finish = state == FINISH;
  assign in_ready = state == PIXELS && advance;

  always_ff @(posedge clk)
    if (rst) begin
      state  <= IDLE;
      frames <= '0;
    end else
      case (state)
        IDLE:   if (in_valid) state <= START;
        START:  state <= PIXELS;
        PIXELS: if (take && last_column && row == height - 13'd1) state <= DRAIN;
        DRAIN:  if (clustering_done && tiles_done && features_ready) state <= FINISH;
        FINISH:
        if (packet_idle) begin
          frames <= frames + 32'd1;
          state  <= IDLE;
        end
        default: state <= IDLE;
      endcase

  always_ff @(posedge clk)
    if (start) begin
      column <= '0;
      row <= '0;
    end else if (take) begin
      column <= last_column ? 13'd0 : column + 13'd1;
      if (last_column) row <= row + 13'd1;
    end

  always_ff @(posedge clk)
    if (state == IDLE) begin
      width <= cfg_width;
      height <= cfg_height;
      binning <= cfg_binning;
      clip_low <= cfg_clip_low;
      clip_high <= cfg_clip_high;
      weight_enable <= cfg_weight_enable;
      weight_shift <= cfg_weight_shift;
      common_enable <= cfg_common_enable;
      common_content <= cfg_common_content;
      common_search <= cfg_common_search;
      gain_enable <= cfg_gain_enable;
      gain_columns <= cfg_gain_columns;
      gain_rows <= cfg_gain_rows;
      link <= cfg_link;
      threshold_low <= cfg_threshold_low;
      threshold_high <= cfg_threshold_high;
      minimum_pixels <= cfg_minimum_pixels;
      tile_enable <= cfg_tile_enable;
      tile_size <= cfg_tile_size;
      tile_margin <= cfg_tile_margin;
      frame_number <= cfg_frame_number;
      time_tag <= cfg_time_tag;
    end

  // --- tables, written between frames
  logic [9:0] table_address;
  always_ff @(posedge clk)
    if (rst | table_rewind) table_address <= '0;
    else if (table_write) table_address <= table_address + 10'd1;

  // --- one pixel per clock
  wire pixel_valid, pixel_clipped, macro_valid, macro_ready, tile_ready;
  wire signed [17:0] pixel_content, pixel_search, macro_content, macro_search;
  wire [11:0] pixel_value;
  assign advance = (tile_ready | ~pixel_valid) & (~macro_valid | macro_ready);
  pixel_stage pixel_stage_i (
      .clk(clk),
      .rst(rst),
      .advance(advance),
      .weight_write(table_write && table_select == 2'd1),
      .weight_address(table_address[7:0]),
      .weight(table_word[11:0]),
      .cfg_weight_enable(weight_enable),
      .cfg_weight_shift(weight_shift),
      .cfg_clip_low(clip_low),
      .cfg_clip_high(clip_high),
      .s_valid(take),
      .s_pixel(in_data[15:0]),
      .s_pedestal(in_data[47:16]),
      .m_valid(pixel_valid),
      .m_content(pixel_content),
      .m_search(pixel_search),
      .m_clipped(pixel_clipped),
      .m_value(pixel_value)
  );
  always_ff @(posedge clk)
    if (start) clipped_pixels <= '0;
    else if (advance & pixel_valid & pixel_clipped) clipped_pixels <= clipped_pixels + 32'd1;

  wire [5:0] tile_rows;
  wire [4:0] tile_row;
  wire [31:0] tile_mask;
  tile_deviation tile_deviation_i (
      .clk(clk),
      .rst(rst),
      .start(start),
      .cfg_enable(tile_enable),
      .cfg_width(width),
      .cfg_height(height),
      .cfg_size(tile_size),
      .cfg_margin(tile_margin),
      .threshold_write(table_write && table_select == 2'd0),
      .threshold_address(table_address),
      .threshold(table_word),
      .s_valid(pixel_valid & advance),
      .s_ready(tile_ready),
      .s_value(pixel_value),
      .done(tiles_done),
      .rows(tile_rows),
      .mask_row(tile_row),
      .mask(tile_mask)
  );

  binning #(
      .COLUMN_BITS(COLUMN_BITS)
  ) binning_i (
      .clk(clk),
      .start(start),
      .advance(advance),
      .cfg_width(width),
      .cfg_binning(binning),
      .s_valid(pixel_valid),
      .s_content(pixel_content),
      .s_search(pixel_search),
      .m_valid(macro_valid),
      .m_ready(macro_ready),
      .m_content(macro_content),
      .m_search(macro_search)
  );

  // --- one macro-pixel per binning^2 clocks
  logic [COLUMN_BITS:0] columns, rows;
  always_comb
    if (binning[2]) {columns, rows} = {width[COLUMN_BITS+2:2], height[COLUMN_BITS+2:2]};
    else if (binning[1]) {columns, rows} = {width[COLUMN_BITS+1:1], height[COLUMN_BITS+1:1]};
    else {columns, rows} = {width[COLUMN_BITS:0], height[COLUMN_BITS:0]};
  wire level_valid, level_ready;
  wire signed [17:0] level_content, level_search;
  common_mode #(
      .COLUMN_BITS(COLUMN_BITS)
  ) common_mode_i (
      .clk(clk),
      .rst(rst),
      .start(start),
      .cfg_enable(common_enable),
      .cfg_content_limit(common_content),
      .cfg_search_limit(common_search),
      .cfg_columns(columns),
      .s_valid(macro_valid),
      .s_ready(macro_ready),
      .s_content(macro_content),
      .s_search(macro_search),
      .m_valid(level_valid),
      .m_ready(level_ready),
      .m_content(level_content),
      .m_search(level_search)
  );

  wire filtered_valid, filtered_ready, filtered_last_column, filtered_last;
  wire signed [17:0] filtered_macro;
  wire signed [25:0] filtered;
  matched_filter #(
      .COLUMN_BITS(COLUMN_BITS)
  ) matched_filter_i (
      .clk(clk),
      .rst(rst),
      .start(start),
      .cfg_columns(columns),
      .cfg_rows(rows),
      .s_valid(level_valid),
      .s_ready(level_ready),
      .s_content(level_content),
      .s_search(level_search),
      .m_valid(filtered_valid),
      .m_ready(filtered_ready),
      .m_macro(filtered_macro),
      .m_filtered(filtered),
      .m_last_column(filtered_last_column),
      .m_last(filtered_last)
  );

  wire equalised_valid, equalised_ready, equalised_last_column, equalised_last;
  wire signed [17:0] equalised_macro;
  wire signed [25:0] equalised;
  region_gain #(
      .COLUMN_BITS(COLUMN_BITS)
  ) region_gain_i (
      .clk(clk),
      .rst(rst),
      .start(start),
      .gain_write(table_write && table_select == 2'd2),
      .gain_address(table_address),
      .gain(table_word[15:0]),
      .cfg_enable(gain_enable),
      .cfg_columns(gain_columns),
      .cfg_rows(gain_rows),
      .s_valid(filtered_valid),
      .s_ready(filtered_ready),
      .s_macro(filtered_macro),
      .s_filtered(filtered),
      .s_last_column(filtered_last_column),
      .s_last(filtered_last),
      .m_valid(equalised_valid),
      .m_ready(equalised_ready),
      .m_macro(equalised_macro),
      .m_filtered(equalised),
      .m_last_column(equalised_last_column),
      .m_last(equalised_last)
  );

  wire blocks_valid, blocks_ready;
  wire [31:0] blocks_word;
  region_blocks #(
      .COLUMN_BITS(COLUMN_BITS)
  ) region_blocks_i (
      .clk(clk),
      .rst(rst),
      .start(start),
      .cfg_threshold_low(threshold_low),
      .cfg_threshold_high(threshold_high),
      .s_valid(equalised_valid & equalised_ready),
      .s_filtered(equalised),
      .s_last_column(equalised_last_column),
      .s_last(equalised_last),
      .m_valid(blocks_valid),
      .m_ready(blocks_ready),
      .m_word(blocks_word)
  );

  // Macro-pixels come in bursts, one pixel row in `binning`: the clustering works them off in the rows between.
  wire queued_valid, queued_ready, queued_last_column, queued_last;
  wire signed [17:0] queued_macro;
  wire signed [25:0] queued_filtered;
  fifo #(
      .WIDTH(46),
      .DEPTH_BITS(COLUMN_BITS)
  ) fifo_i (
      .clk(clk),
      .rst(rst),
      .s_valid(equalised_valid),
      .s_ready(equalised_ready),
      .s_data({equalised_last, equalised_last_column, equalised_macro, equalised}),
      .m_valid(queued_valid),
      .m_ready(queued_ready),
      .m_data({queued_last, queued_last_column, queued_macro, queued_filtered})
  );

  wire cluster_valid;
  wire [422:0] cluster_record;
  wire [31:0] active, kept, rejected, dropped_runs;
  clustering #(
      .LABEL_BITS (LABEL_BITS),
      .COLUMN_BITS(COLUMN_BITS)
  ) clustering_i (
      .clk(clk),
      .rst(rst),
      .start(start),
      .cfg_threshold_low(threshold_low),
      .cfg_threshold_high(threshold_high),
      .cfg_link(link),
      .cfg_minimum_pixels(minimum_pixels),
      .s_valid(queued_valid),
      .s_ready(queued_ready),
      .s_macro(queued_macro),
      .s_filtered(queued_filtered),
      .s_last_column(queued_last_column),
      .s_last(queued_last),
      .m_valid(cluster_valid),
      .m_ready(features_ready),
      .m_record(cluster_record),
      .done(clustering_done),
      .active(active),
      .kept(kept),
      .rejected(rejected),
      .dropped_runs(dropped_runs)
  );

  // --- features of one cluster while the classifier works on those before it
  wire features_valid, classifier_ready, scores_valid, scores_ready, described;
  wire [422:0] record;
  wire [71:0] features;
  wire [47:0] scores;
  logic classifying;  // the classifier has these features
  cluster_features cluster_features_i (
      .clk(clk),
      .rst(rst),
      .s_valid(cluster_valid),
      .s_ready(features_ready),
      .s_record(cluster_record),
      .m_valid(features_valid),
      .m_ready(described),
      .m_record(record),
      .m_features(features)
  );
  wire classify = features_valid & ~classifying;
  always_ff @(posedge clk)
    if (rst | described) classifying <= 1'b0;
    else if (classify & classifier_ready) classifying <= 1'b1;
  wire unused_last;
  recoil_mlp recoil_mlp_i (
      .clk(clk),
      .rst(rst),
      .s_axis_tvalid(classify),
      .s_axis_tready(classifier_ready),
      .s_axis_tdata(features),
      .m_axis_tvalid(scores_valid),
      .m_axis_tready(scores_ready),
      .m_axis_tdata(scores),
      .m_axis_tlast(unused_last)
  );
  event_packet event_packet_i (
      .clk(clk),
      .rst(rst),
      .start(start),
      .finish(finish),
      .idle(packet_idle),
      .frame_number(frame_number),
      .time_tag(time_tag),
      .cfg_width(width),
      .cfg_height(height),
      .cfg_binning(binning),
      .cfg_threshold_low(threshold_low),
      .cfg_threshold_high(threshold_high),
      .cluster_valid(classifying),
      .cluster_ready(described),
      .record(record),
      .features(features),
      .scores_valid(scores_valid),
      .scores_ready(scores_ready),
      .scores(scores),
      .blocks_valid(blocks_valid),
      .blocks_ready(blocks_ready),
      .blocks_word(blocks_word),
      .tile_rows(tile_rows),
      .tile_row(tile_row),
      .tile_mask(tile_mask),
      .kept(kept),
      .rejected(rejected),
      .dropped_runs(dropped_runs),
      .active(active),
      .clipped_pixels(clipped_pixels),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tlast(m_axis_tlast)
  );
endmodule
`default_nettype wire
