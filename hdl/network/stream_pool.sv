// stream_pool: largest element or sum of each KERNEL_ROWS x KERNEL_COLUMNS tile of a picture, channel by
// channel, from a stream of its pixels; tiles do not overlap, what is left at the right and at the bottom is
// dropped. With a tile of the whole picture it is global pooling.
//
//   s_axis  HEIGHT * WIDTH beats per picture in raster order, CHANNELS x BITS, channel 0 lowest
//   m_axis  (HEIGHT / KERNEL_ROWS) * (WIDTH / KERNEL_COLUMNS) beats, CHANNELS x OUT_BITS
// Latency 2 clocks after the last pixel of a tile, throughput 1 pixel per clock. One memory of
// WIDTH / KERNEL_COLUMNS words of CHANNELS * OUT_BITS (a register when that is 1).
`default_nettype none
module stream_pool #(
    parameter int CHANNELS = 1,
    parameter int BITS = 8,
    parameter int OUT_BITS = 8,  // at least BITS
    parameter bit IS_SIGNED = 1'b1,
    parameter bit IS_SUM = 1'b0,  // else the largest
    parameter int HEIGHT = 4,
    parameter int WIDTH = 4,
    parameter int KERNEL_ROWS = 2,
    parameter int KERNEL_COLUMNS = 2
) (
    input  wire                          clk,
    input  wire                          rst,
    input  wire  [CHANNELS*BITS-1:0]     s_axis_tdata,
    input  wire                          s_axis_tvalid,
    output wire                          s_axis_tready,
    output logic [CHANNELS*OUT_BITS-1:0] m_axis_tdata,
    output logic                         m_axis_tvalid,
    input  wire                          m_axis_tready
);
  localparam int TILES = WIDTH / KERNEL_COLUMNS;
  localparam int RB = $clog2(HEIGHT + 1);
  localparam int CB = $clog2(WIDTH + 1);
  localparam int TB = $clog2(TILES + 1);
  localparam int SRB = $clog2(KERNEL_ROWS + 1);
  localparam int SCB = $clog2(KERNEL_COLUMNS + 1);
  localparam int W = CHANNELS * OUT_BITS;

  logic [RB-1:0] row;
  logic [CB-1:0] column;
  logic [TB-1:0] tile;
  logic [SRB-1:0] sub_row;
  logic [SCB-1:0] sub_column;
  wire last_column = column == CB'(WIDTH - 1);
  wire last_row = row == RB'(HEIGHT - 1);
  wire last_sub_row = sub_row == SRB'(KERNEL_ROWS - 1);
  wire last_sub_column = sub_column == SCB'(KERNEL_COLUMNS - 1);
  wire used_row, used_column;
  range_check #(.BITS(RB), .LOW(0), .HIGH(HEIGHT - HEIGHT % KERNEL_ROWS), .END(HEIGHT))
      used_row_i (.x(row), .hit(used_row));
  range_check #(.BITS(CB), .LOW(0), .HIGH(WIDTH - WIDTH % KERNEL_COLUMNS), .END(WIDTH))
      used_column_i (.x(column), .hit(used_column));

  logic v_valid, v_first_row, v_last_row, v_first_column, v_last_column;
  wire v_emit = v_last_row & v_last_column;
  wire advance = ~m_axis_tvalid | m_axis_tready | ~(v_valid & v_emit);
  wire take = advance & s_axis_tvalid;
  assign s_axis_tready = advance;
  wire awake = rst | s_axis_tvalid | v_valid | m_axis_tvalid;

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      row <= '0;
      column <= '0;
      tile <= '0;
      sub_row <= '0;
      sub_column <= '0;
    end else if (take) begin
      column <= last_column ? '0 : column + CB'(1);
      sub_column <= last_column | last_sub_column ? '0 : sub_column + SCB'(1);
      if (last_column) tile <= '0;
      else if (last_sub_column) tile <= tile + TB'(1);
      if (last_column) begin
        row <= last_row ? '0 : row + RB'(1);
        sub_row <= last_row | last_sub_row ? '0 : sub_row + SRB'(1);
      end
    end

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      v_valid <= 1'b0;
      m_axis_tvalid <= 1'b0;
    end else begin
      if (advance) v_valid <= take & used_row & used_column;
      if (advance & v_valid & v_emit) m_axis_tvalid <= 1'b1;
      else if (m_axis_tready) m_axis_tvalid <= 1'b0;
    end

  logic [CHANNELS*BITS-1:0] v_pixel;
  always_ff @(posedge clk)
    if (take) begin
      v_pixel <= s_axis_tdata;
      v_first_row <= sub_row == '0;
      v_last_row <= last_sub_row;
      v_first_column <= sub_column == '0;
      v_last_column <= last_sub_column;
    end
  wire v_fire = advance & v_valid;

  // `left`: this row of the tile so far. `above`: the rows of the tile above this one.
  logic [W-1:0] left, above;
  wire [W-1:0] row_total, total;
  for (genvar c = 0; c < CHANNELS; c++) begin : g_channel
    wire [BITS-1:0] x = v_pixel[c*BITS+:BITS];
    wire [OUT_BITS-1:0] pixel = IS_SIGNED ? OUT_BITS'($signed(x)) : OUT_BITS'(x);
    wire [OUT_BITS-1:0] l = left[c*OUT_BITS+:OUT_BITS];
    wire [OUT_BITS-1:0] u = above[c*OUT_BITS+:OUT_BITS];
    wire [OUT_BITS-1:0] t, s;
    join_elements #(.BITS(OUT_BITS), .IS_SIGNED(IS_SIGNED), .IS_SUM(IS_SUM)) across (.a(l), .b(pixel), .y(t));
    assign row_total[c*OUT_BITS+:OUT_BITS] = v_first_column ? pixel : t;
    join_elements #(.BITS(OUT_BITS), .IS_SIGNED(IS_SIGNED), .IS_SUM(IS_SUM))
        down (.a(u), .b(row_total[c*OUT_BITS+:OUT_BITS]), .y(s));
    assign total[c*OUT_BITS+:OUT_BITS] = v_first_row ? row_total[c*OUT_BITS+:OUT_BITS] : s;
  end
  always_ff @(posedge clk) if (v_fire) left <= row_total;
  always_ff @(posedge clk) if (v_fire & v_emit) m_axis_tdata <= total;

  wire keep = v_fire & v_last_column & ~v_last_row;
  if (KERNEL_ROWS == 1) begin : g_one_row
    wire unused = &{1'b0, keep, tile};
    assign above = '0;
  end else if (TILES == 1) begin : g_register
    wire unused = &{1'b0, tile};
    always_ff @(posedge clk) if (keep) above <= total;
  end else begin : g_memory
    logic [W-1:0] words[0:TILES-1];
    logic [$clog2(TILES)-1:0] v_tile;
    always_ff @(posedge clk)
      if (take & used_column) begin
        above <= words[tile[$clog2(TILES)-1:0]];
        v_tile <= tile[$clog2(TILES)-1:0];
      end
    always_ff @(posedge clk) if (keep) words[v_tile] <= total;
    wire unused = &{1'b0, tile};
  end
endmodule
`default_nettype wire
