// event_packet: writes the event packet of a frame as 32-bit words on AXI4-Stream.
//
// Format: src/trigger/event-packet.ts. A header at `start`, 25 words for every cluster, the last two of them when
// its scores arrive, and, once `finish` is high, the records of region_blocks.sv, a word pair for every row of tiles and
// the trailer. One word per clock; m_axis_* are registers.
`default_nettype none
module event_packet (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    input  wire         finish,           // all clusters of the frame were handed over
    output wire         idle,
    input  wire  [31:0] frame_number,
    input  wire  [63:0] time_tag,         // us
    input  wire  [12:0] cfg_width,
    input  wire  [12:0] cfg_height,
    input  wire  [ 2:0] cfg_binning,
    input  wire  [24:0] cfg_threshold_low,
    input  wire  [24:0] cfg_threshold_high,
    input  wire         cluster_valid,
    output wire         cluster_ready,    // high in the clock of the last word of record and features
    input  wire [422:0] record,           // as m_record of clustering.sv
    input  wire  [71:0] features,
    input  wire         scores_valid,
    output wire         scores_ready,     // high in the clock of the cluster's last word
    input  wire  [47:0] scores,
    input  wire         blocks_valid,     // until the last word was taken
    output wire         blocks_ready,
    input  wire  [31:0] blocks_word,
    input  wire  [ 5:0] tile_rows,
    output logic [ 4:0] tile_row,
    input  wire  [31:0] tile_mask,
    input  wire  [31:0] kept,
    input  wire  [31:0] rejected,
    input  wire  [31:0] dropped_runs,
    input  wire  [31:0] active,
    input  wire  [31:0] clipped_pixels,
    output logic        m_axis_tvalid,
    input  wire         m_axis_tready,
    output logic [31:0] m_axis_tdata,
    output logic        m_axis_tlast
);
  localparam logic [2:0] IDLE = 0, HEADER = 1, WAIT = 2, CLUSTER = 3, SCORES = 4, BLOCKS = 5, TILES = 6,
      TRAILER = 7;
  logic [2:0] state;
  logic [4:0] index;
  logic [15:0] cluster_index;
  assign idle = state == IDLE && !m_axis_tvalid;
  wire push = ~m_axis_tvalid | m_axis_tready;
  wire waiting = state == WAIT || (state == SCORES && !scores_valid) || (state == BLOCKS && !blocks_valid);
  wire writing = state != IDLE && !waiting;
  assign cluster_ready = state == CLUSTER && index == 5'd22 && push;
  assign scores_ready = state == SCORES && index == 5'd24 && push;
  assign blocks_ready = state == BLOCKS && push;

  wire signed [15:0] nuclear = scores[15:0], electron = scores[31:16], other = scores[47:32];
  wire [15:0] winner =
      nuclear >= electron ? (nuclear >= other ? 16'd0 : 16'd2) : (electron >= other ? 16'd1 : 16'd2);

  logic [31:0] word;
  always_comb
    case ({state, index})
      {HEADER, 5'd0}: word = 32'h01080000;
      {HEADER, 5'd1}: word = frame_number;
      {HEADER, 5'd2}: word = time_tag[31:0];
      {HEADER, 5'd3}: word = time_tag[63:32];
      {HEADER, 5'd4}: word = {3'b0, cfg_height, 3'b0, cfg_width};
      {HEADER, 5'd5}: word = {29'b0, cfg_binning};
      {HEADER, 5'd6}: word = {7'b0, cfg_threshold_low};
      {HEADER, 5'd7}: word = {7'b0, cfg_threshold_high};
      {CLUSTER, 5'd0}: word = {16'h0219, cluster_index};
      {CLUSTER, 5'd1}: word = {6'b0, record[412:403], 6'b0, record[422:413]};
      {CLUSTER, 5'd2}: word = {6'b0, record[392:383], 6'b0, record[402:393]};
      {CLUSTER, 5'd3}: word = {11'b0, record[382:362]};
      {CLUSTER, 5'd4}: word = record[355:324];
      {CLUSTER, 5'd5}: word = {{26{record[361]}}, record[361:356]};
      {CLUSTER, 5'd6}: word = {7'b0, record[323:299]};
      {CLUSTER, 5'd7}: word = {{14{record[298]}}, record[298:281]};
      {CLUSTER, 5'd8}: word = record[278:247];
      {CLUSTER, 5'd9}: word = {30'b0, record[280:279]};
      {CLUSTER, 5'd10}: word = record[234:203];
      {CLUSTER, 5'd11}: word = {20'b0, record[246:235]};
      {CLUSTER, 5'd12}: word = record[190:159];
      {CLUSTER, 5'd13}: word = {20'b0, record[202:191]};
      {CLUSTER, 5'd14}: word = record[137:106];
      {CLUSTER, 5'd15}: word = {11'b0, record[158:138]};
      {CLUSTER, 5'd16}: word = record[84:53];
      {CLUSTER, 5'd17}: word = {11'b0, record[105:85]};
      {CLUSTER, 5'd18}: word = record[31:0];
      {CLUSTER, 5'd19}: word = {11'b0, record[52:32]};
      {CLUSTER, 5'd20}: word = features[31:0];
      {CLUSTER, 5'd21}: word = features[63:32];
      {CLUSTER, 5'd22}: word = {24'b0, features[71:64]};
      {SCORES, 5'd23}: word = scores[31:0];
      {SCORES, 5'd24}: word = {winner, scores[47:32]};
      {BLOCKS, 5'd0}: word = blocks_word;
      {TILES, 5'd0}: word = {16'h0302, 11'b0, tile_row};
      {TILES, 5'd1}: word = tile_mask;
      {TRAILER, 5'd0}: word = 32'h04080000;
      {TRAILER, 5'd1}: word = kept;
      {TRAILER, 5'd2}: word = rejected;
      {TRAILER, 5'd3}: word = dropped_runs;
      {TRAILER, 5'd4}: word = active;
      {TRAILER, 5'd5}: word = clipped_pixels;
      {TRAILER, 5'd6}: word = {31'b0, |dropped_runs};
      default: word = 32'h454D4547;
    endcase

  wire awake = rst | start | m_axis_tvalid | (state == WAIT ? cluster_valid | finish : writing | state == BLOCKS);
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      state <= IDLE;
      m_axis_tvalid <= 1'b0;
    end else begin
      if (push) m_axis_tvalid <= writing;
      if (start) begin
        state <= HEADER;
        index <= '0;
        cluster_index <= '0;
        tile_row <= '0;
      end else if (state == WAIT) begin
        index <= '0;
        if (cluster_valid) state <= CLUSTER;
        else if (finish) state <= BLOCKS;
      end else if (state == BLOCKS) begin
        if (!blocks_valid) state <= tile_rows == 0 ? TRAILER : TILES;
      end else if (push & writing) begin
        index <= index + 5'd1;
        case (state)
          HEADER: if (index == 5'd7) state <= WAIT;
          CLUSTER: if (index == 5'd22) state <= SCORES;
          SCORES:
          if (index == 5'd24) begin
            state <= WAIT;
            cluster_index <= cluster_index + 16'd1;
          end
          TILES:
          if (index == 5'd1) begin
            index <= '0;
            tile_row <= tile_row + 5'd1;
            if ({1'b0, tile_row} + 6'd1 == tile_rows) state <= TRAILER;
          end
          default: if (index == 5'd7) state <= IDLE;
        endcase
      end
    end

  always_ff @(posedge clk)
    if (awake & push & writing) begin
      m_axis_tdata <= word;
      m_axis_tlast <= state == TRAILER && index == 5'd7;
    end
endmodule
`default_nettype wire
