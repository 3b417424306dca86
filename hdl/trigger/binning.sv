// binning: sums of 1x1, 2x2 or 4x4 pixels, of their contents and of their search values.
//
// Twin of binFrame() in src/trigger/pixel-stage.ts: macro-pixel = (sum + 8) >>> 4, for either.
//   s_content, s_search  s18 in 1/16 ADU, raster order     m_content, m_search  s18 in ADU, raster order
// Latency 2 clocks after the last pixel of a macro-pixel, throughput 1 pixel per clock. One memory of
// MAX_COLUMNS x 44 bits. m_valid is held until m_ready; the caller must keep `advance` low meanwhile.
`default_nettype none
module binning #(
    parameter int COLUMN_BITS = 10
) (
    input  wire                clk,
    input  wire                start,        // a new frame: counters to the first pixel
    input  wire                advance,
    input  wire         [12:0] cfg_width,    // pixels
    input  wire         [ 2:0] cfg_binning,  // 1, 2 or 4
    input  wire                s_valid,
    input  wire  signed [17:0] s_content,
    input  wire  signed [17:0] s_search,
    output logic               m_valid,
    input  wire                m_ready,
    output logic signed [17:0] m_content,
    output logic signed [17:0] m_search
);
  logic [12:0] x;
  logic [1:0] sub_y;
  wire [1:0] last_sub = cfg_binning[1:0] - 2'd1;  // 0, 1, 3
  wire [1:0] sub_x = x[1:0] & last_sub;
  wire end_of_row = x == cfg_width - 13'd1;
  logic [COLUMN_BITS-1:0] column;
  always_comb
    if (cfg_binning[2]) column = x[COLUMN_BITS+1:2];
    else if (cfg_binning[1]) column = x[COLUMN_BITS:1];
    else column = x[COLUMN_BITS-1:0];

  always_ff @(posedge clk)
    if (start) begin
      x     <= 13'd0;
      sub_y <= 2'd0;
    end else if (advance & s_valid) begin
      x <= end_of_row ? 13'd0 : x + 13'd1;
      if (end_of_row) sub_y <= sub_y == last_sub ? 2'd0 : sub_y + 2'd1;
    end

  // Second stage: the sums of the rows above arrive from the memory together with the pixel.
  logic [43:0] above[0:(1<<COLUMN_BITS)-1];
  logic [43:0] b_above;
  logic signed [21:0] content_row_sum, search_row_sum;
  logic signed [17:0] b_content, b_search;
  logic b_valid, b_first_x, b_last_x, b_first_y, b_last_y;
  logic [COLUMN_BITS-1:0] b_column;
  wire signed [21:0] content_row = (b_first_x ? 22'sd0 : content_row_sum) + 22'(b_content);
  wire signed [21:0] search_row = (b_first_x ? 22'sd0 : search_row_sum) + 22'(b_search);
  wire signed [21:0] content = content_row + (b_first_y ? 22'sd0 : $signed(b_above[43:22]));
  wire signed [21:0] search = search_row + (b_first_y ? 22'sd0 : $signed(b_above[21:0]));
  wire signed [21:0] content_rounded = content + 22'sd8;
  wire signed [21:0] search_rounded = search + 22'sd8;
  wire unused = &{1'b0, content_rounded[3:0], search_rounded[3:0]};
  wire fire = advance & b_valid;

  always_ff @(posedge clk)
    if (advance & s_valid) begin
      b_content <= s_content;
      b_search  <= s_search;
      b_first_x <= sub_x == 2'd0;
      b_last_x  <= sub_x == last_sub;
      b_first_y <= sub_y == 2'd0;
      b_last_y  <= sub_y == last_sub;
      b_column  <= column;
    end
  always_ff @(posedge clk) if (advance & s_valid & sub_x == last_sub) b_above <= above[column];

  always_ff @(posedge clk) begin
    if (fire) begin
      content_row_sum <= content_row;
      search_row_sum  <= search_row;
    end
    if (fire & b_last_x & ~b_last_y) above[b_column] <= {content, search};
    if (fire & b_last_x & b_last_y) begin
      m_content <= content_rounded[21:4];
      m_search  <= search_rounded[21:4];
    end
  end

  always_ff @(posedge clk)
    if (start) begin
      b_valid <= 1'b0;
      m_valid <= 1'b0;
    end else begin
      if (advance) b_valid <= s_valid;
      if (fire & b_last_x & b_last_y) m_valid <= 1'b1;
      else if (m_ready) m_valid <= 1'b0;
    end
endmodule
`default_nettype wire
