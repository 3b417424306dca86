// binning: sums of 1x1, 2x2 or 4x4 residuals.
//
// Twin of binFrame() in src/trigger/pixel-stage.ts: macro = (sum of residuals + 8) >> 4.
//   s_residual s18 in 1/16 ADU, raster order     m_macro s18 in ADU, raster order
// Latency 2 clocks after the last pixel of a macro-pixel, throughput 1 pixel per clock. One memory of
// MAX_COLUMNS x 22 bits. m_valid is held until m_ready; the caller must keep `advance` low meanwhile.
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
    input  wire  signed [17:0] s_residual,
    output logic               m_valid,
    input  wire                m_ready,
    output logic signed [17:0] m_macro
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

  // Second stage: the sum of the rows above arrives from the memory together with the residual.
  logic signed [21:0] above[0:(1<<COLUMN_BITS)-1];
  logic signed [21:0] b_above, row_sum;
  logic signed [17:0] b_residual;
  logic b_valid, b_first_x, b_last_x, b_first_y, b_last_y;
  logic [COLUMN_BITS-1:0] b_column;
  wire signed [21:0] row_total = (b_first_x ? 22'sd0 : row_sum) + 22'(b_residual);
  wire signed [21:0] total = row_total + (b_first_y ? 22'sd0 : b_above);
  wire signed [21:0] rounded = total + 22'sd8;
  wire unused = &{1'b0, rounded[3:0]};
  wire fire = advance & b_valid;

  always_ff @(posedge clk)
    if (advance & s_valid) begin
      b_above    <= above[column];
      b_residual <= s_residual;
      b_first_x  <= sub_x == 2'd0;
      b_last_x   <= sub_x == last_sub;
      b_first_y  <= sub_y == 2'd0;
      b_last_y   <= sub_y == last_sub;
      b_column   <= column;
    end

  always_ff @(posedge clk) begin
    if (fire) row_sum <= row_total;
    if (fire & b_last_x & ~b_last_y) above[b_column] <= total;
    if (fire & b_last_x & b_last_y) m_macro <= rounded[21:4];
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
