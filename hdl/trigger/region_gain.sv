// region_gain: multiplies the filter output by the gain of its region of the image.
//
// Twin of src/trigger/region-gain.ts: (filtered * gain) >>> 12, saturated to s26; gain u16, 4096 is 1.
// Regions are cells of 2 ** cfg_columns x 2 ** cfg_rows macro-pixels, in raster order in a table of 1024 gains.
//   s_*, m_*  as m_* of matched_filter.sv
// Without cfg_enable the filter output passes unchanged. Latency 3 clocks, throughput 1 macro-pixel per clock.
// One memory of 1024 x 16 bits, one multiplier of 26 x 16 bits.
`default_nettype none
module region_gain #(
    parameter int COLUMN_BITS = 10
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                start,           // a new frame
    input  wire                gain_write,
    input  wire         [ 9:0] gain_address,
    input  wire         [15:0] gain,            // 1/4096
    input  wire                cfg_enable,
    input  wire         [ 3:0] cfg_columns,     // log2 of the macro-pixels of a region
    input  wire         [ 3:0] cfg_rows,
    input  wire                s_valid,
    output wire                s_ready,
    input  wire  signed [17:0] s_macro,
    input  wire  signed [25:0] s_filtered,
    input  wire                s_last_column,
    input  wire                s_last,
    output logic               m_valid,
    input  wire                m_ready,
    output logic signed [17:0] m_macro,
    output logic signed [25:0] m_filtered,
    output logic               m_last_column,
    output logic               m_last
);
  localparam int C = COLUMN_BITS;
  logic r_valid, p_valid;
  wire advance = ~m_valid | m_ready;
  assign s_ready = advance;
  wire take = s_valid & advance;
  wire awake = rst | start | s_valid | r_valid | p_valid | m_valid;

  // --- the region of the macro-pixel that is taken
  logic [C-1:0] column, row;  // within the region
  logic [9:0] cell_index, first_cell;
  wire [C-1:0] last_column = ~({C{1'b1}} << cfg_columns);
  wire [C-1:0] last_row = ~({C{1'b1}} << cfg_rows);
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (start) begin
      column <= '0;
      row <= '0;
      cell_index <= '0;
      first_cell <= '0;
    end else if (take & s_last_column) begin
      column <= '0;
      row <= row == last_row ? '0 : row + 1'b1;
      cell_index <= row == last_row ? cell_index + 10'd1 : first_cell;
      if (row == last_row) first_cell <= cell_index + 10'd1;
    end else if (take) begin
      column <= column == last_column ? '0 : column + 1'b1;
      if (column == last_column) cell_index <= cell_index + 10'd1;
    end

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst | start) begin
      r_valid <= 1'b0;
      p_valid <= 1'b0;
      m_valid <= 1'b0;
    end else if (advance) begin
      r_valid <= s_valid;
      p_valid <= r_valid;
      m_valid <= p_valid;
    end

  // --- gain, product, saturation
  logic [15:0] gains[0:1023];
  logic [15:0] r_gain;
  logic signed [25:0] r_filtered;
  logic signed [42:0] product;
  logic signed [17:0] r_macro, p_macro;
  logic r_last_column, r_last, p_last_column, p_last;
  wire signed [30:0] scaled = product[42:12];
  wire fits = scaled[30:25] == {6{scaled[25]}};
  wire unused = &{1'b0, product[11:0]};
  always_ff @(posedge clk) begin
    if (gain_write) gains[gain_address] <= gain;
    if (awake & take) r_gain <= gains[cell_index];
  end
  always_ff @(posedge clk)
    if (awake) begin
      if (take) begin
        r_filtered <= s_filtered;
        r_macro <= s_macro;
        r_last_column <= s_last_column;
        r_last <= s_last;
      end
      if (r_valid & advance) begin
        product <= 43'(r_filtered) * $signed(cfg_enable ? {27'b0, r_gain} : 43'd4096);
        p_macro <= r_macro;
        p_last_column <= r_last_column;
        p_last <= r_last;
      end
      if (p_valid & advance) begin
        m_filtered <= fits ? scaled[25:0] : {scaled[30], {25{~scaled[30]}}};
        m_macro <= p_macro;
        m_last_column <= p_last_column;
        m_last <= p_last;
      end
    end
endmodule
`default_nettype wire
