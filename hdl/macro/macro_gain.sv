// macro_gain: multiplies the filter output by the gain of its region of the image, one bit per clock.
//
// Twin of src/trigger/region-gain.ts: (filtered * gain) >>> 12, saturated to s26; gain u16, 4096 is 1.
// Regions are cells of 2 ** cfg_columns x 2 ** cfg_rows macro-pixels, in raster order in a table of 2 ** GAIN_BITS gains.
//   gain_rewind, gain_write  the table is filled from its start; not during a frame
//   s_filtered s26 is held by its source until s_ready, which comes when m_filtered is taken
// Without cfg_enable the filter output passes unchanged. 28 clocks per macro-pixel. One memory of 2 ** GAIN_BITS x 16.
// GAIN_BITS 1 to 10, MACRO_SIDE 16 to 1024.
`default_nettype none
module macro_gain #(
    parameter int MACRO_SIDE = 576,
    parameter int GAIN_BITS  = 8
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               start,          // one clock: a new frame
    input  wire               gain_rewind,
    input  wire               gain_write,
    input  wire        [15:0] gain,           // 1/4096
    input  wire               cfg_enable,
    input  wire        [ 3:0] cfg_columns,    // log2 of the macro-pixels of a region
    input  wire        [ 3:0] cfg_rows,
    input  wire               s_valid,
    output wire               s_ready,
    input  wire signed [25:0] s_filtered,
    input  wire               s_last_column,
    output logic              m_valid,
    input  wire               m_ready,
    output wire signed [25:0] m_filtered
);
  logic running;
  logic [4:0] count;
  wire load = s_valid & ~running & ~m_valid;
  wire give = m_valid & m_ready;
  wire last_bit = count == 5'd0;
  assign s_ready = give;
  always_ff @(posedge clk)
    if (rst | start) begin
      running <= 1'b0;
      m_valid <= 1'b0;
    end else begin
      running <= load | (running & ~last_bit);
      m_valid <= (running & last_bit) | (m_valid & ~m_ready);
    end

  // --- the region: a new one begins where a bit of the column or row changes
  localparam int C = $clog2(MACRO_SIDE);
  logic [C-1:0] column, row;  // while a macro-pixel is here: those of the next one
  logic column_bit, row_bit;
  logic [GAIN_BITS-1:0] cell_index, first_cell;
  wire [15:0] column_bits = 16'(column);
  wire [15:0] row_bits = 16'(row);
  wire new_column = column_bits[cfg_columns] != column_bit;
  wire new_row = row_bits[cfg_rows] != row_bit;
  wire [GAIN_BITS-1:0] next_cell = cell_index + GAIN_BITS'(1);
  always_ff @(posedge clk)
    if (start) begin
      column <= '0;
      row <= '0;
      column_bit <= 1'b0;
      row_bit <= 1'b0;
      cell_index <= '0;
      first_cell <= '0;
    end else if (load) begin
      column <= column + C'(1);
      if (s_last_column) row <= row + C'(1);
    end else if (give & s_last_column) begin
      column <= '0;
      column_bit <= 1'b0;
      cell_index <= new_row ? next_cell : first_cell;
      row_bit <= row_bit ^ new_row;
      if (new_row) first_cell <= next_cell;
    end else if (give & new_column) begin
      column_bit <= ~column_bit;
      cell_index <= next_cell;
    end

  // --- the table
  logic [15:0] gains[0:(1<<GAIN_BITS)-1];
  logic [15:0] factor;
  logic [GAIN_BITS-1:0] entry;
  always_ff @(posedge clk) begin
    if (rst | gain_rewind) entry <= '0;
    else if (gain_write) entry <= entry + GAIN_BITS'(1);
    if (gain_write) gains[entry] <= gain;
    else if (load) factor <= gains[cell_index];
  end

  // --- product, from the lowest bit of the filter output on: {sum, value} moves right; its sign bit subtracts
  logic [25:0] value;
  logic [15:0] sum;
  wire [15:0] multiple = value[0] ? (cfg_enable ? factor : 16'd4096) : 16'd0;
  wire [16:0] next_sum = {1'b0, sum} + ({1'b0, multiple} ^ {17{last_bit}}) + 17'(last_bit);
  always_ff @(posedge clk)
    if (load) begin
      value <= s_filtered;
      sum   <= '0;
      count <= 5'd25;
    end else if (running) begin
      {sum, value} <= {next_sum, value[25:1]};
      count <= count - 5'd1;
    end
  wire fits = sum[15:11] == {5{sum[15]}};
  wire unused = &{1'b0, value[11:0]};
  assign m_filtered = fits ? {sum[11:0], value[25:12]} : {sum[15], {25{~sum[15]}}};
endmodule
`default_nettype wire
