// window_buffer: every window of a picture, from a stream of its pixels, one pixel per clock.
//
//   s_axis  HEIGHT * WIDTH beats per picture in raster order, CHANNELS x BITS, channel 0 lowest
//   m_axis  OUT_ROWS * OUT_COLUMNS beats, CHANNELS * KERNEL_ROWS * KERNEL_COLUMNS lanes of BITS: lane
//           (c * KERNEL_ROWS + a) * KERNEL_COLUMNS + b is channel c at row r * STRIDE_ROWS - PAD_TOP + a *
//           ROW_DILATION and column likewise, OUTSIDE where that lies beyond the picture
//
// The picture is walked on a grid of GRID_ROWS x GRID_COLUMNS steps. A step with a pixel (FIRST_ROW,
// FIRST_COLUMN onwards) takes one from s_axis, the others (only with pads wider than the kernel's reach) take
// none. The output position follows START_ROW * GRID_COLUMNS + START_COLUMN steps behind: the last windows of
// a picture leave while the next picture enters, or by themselves when none waits. Hence one picture per
// GRID_ROWS * GRID_COLUMNS clocks at full speed; a picture that pauses after its first pixels holds the
// last windows of the one before it back.
// Latency from a pixel to its window: 2 clocks. One memory of ROW_DILATION * GRID_COLUMNS words of
// (KERNEL_ROWS - 1) * CHANNELS * BITS. Parameters as `geometry()` in src/network/streaming makes them.
`default_nettype none
module window_buffer #(
    parameter int CHANNELS = 1,
    parameter int BITS = 8,
    parameter int HEIGHT = 8,
    parameter int WIDTH = 8,
    parameter int KERNEL_ROWS = 3,
    parameter int KERNEL_COLUMNS = 3,
    parameter int ROW_DILATION = 1,
    parameter int COLUMN_DILATION = 1,
    parameter int STRIDE_ROWS = 1,
    parameter int STRIDE_COLUMNS = 1,
    parameter int PAD_TOP = 1,
    parameter int PAD_LEFT = 1,
    parameter int OUT_ROWS = 8,
    parameter int OUT_COLUMNS = 8,
    parameter int GRID_ROWS = 8,
    parameter int GRID_COLUMNS = 8,
    parameter int FIRST_ROW = 0,
    parameter int FIRST_COLUMN = 0,
    parameter int START_ROW = 1,
    parameter int START_COLUMN = 1,
    parameter bit [BITS-1:0] OUTSIDE = '0
) (
    input  wire                                                 clk,
    input  wire                                                 rst,
    input  wire  [CHANNELS*BITS-1:0]                            s_axis_tdata,
    input  wire                                                 s_axis_tvalid,
    output wire                                                 s_axis_tready,
    output logic [CHANNELS*KERNEL_ROWS*KERNEL_COLUMNS*BITS-1:0] m_axis_tdata,
    output logic                                                m_axis_tvalid,
    input  wire                                                 m_axis_tready
);
  localparam int PIXEL = CHANNELS * BITS;
  localparam int ROW_REACH = (KERNEL_ROWS - 1) * ROW_DILATION;
  localparam int COLUMN_REACH = (KERNEL_COLUMNS - 1) * COLUMN_DILATION;
  localparam int RB = $clog2(GRID_ROWS + 1);
  localparam int CB = $clog2(GRID_COLUMNS + 1);

  // Where the input stands on the grid, and where the output stands.
  logic [RB-1:0] row, out_row;
  logic [CB-1:0] column, out_column;
  logic following;  // the output is on its way through a picture
  wire at_start = row == '0 && column == '0;
  wire pixel_row, pixel_column;
  range_check #(.BITS(RB), .LOW(FIRST_ROW), .HIGH(FIRST_ROW + HEIGHT), .END(GRID_ROWS))
      pixel_row_i (.x(row), .hit(pixel_row));
  range_check #(.BITS(CB), .LOW(FIRST_COLUMN), .HIGH(FIRST_COLUMN + WIDTH), .END(GRID_COLUMNS))
      pixel_column_i (.x(column), .hit(pixel_column));
  wire pixel = pixel_row & pixel_column;

  logic v_valid, v_emit;
  wire advance = ~m_axis_tvalid | m_axis_tready | ~(v_valid & v_emit);
  wire go = s_axis_tvalid | ~(pixel | at_start);
  wire step = advance & (go | following & at_start);
  wire move = advance & go;
  assign s_axis_tready = advance & pixel;
  wire starting = row == RB'(START_ROW) && column == CB'(START_COLUMN) && go;
  wire last_column = column == CB'(GRID_COLUMNS - 1);
  wire last_row = row == RB'(GRID_ROWS - 1);
  wire awake = rst | s_axis_tvalid | ~at_start | following | v_valid | m_axis_tvalid;

  // Outputs stand on every STRIDE-th step.
  localparam int SRB = STRIDE_ROWS > 1 ? $clog2(STRIDE_ROWS) : 1;
  localparam int SCB = STRIDE_COLUMNS > 1 ? $clog2(STRIDE_COLUMNS) : 1;
  logic [SRB-1:0] row_phase;
  logic [SCB-1:0] column_phase;
  wire scanning = following | starting;
  wire out_end_column = out_column == CB'(GRID_COLUMNS - 1);
  wire has_output = out_column <= CB'((OUT_COLUMNS - 1) * STRIDE_COLUMNS);
  wire emit = scanning & has_output & (row_phase == '0) & (column_phase == '0);
  wire out_last = out_row == RB'((OUT_ROWS - 1) * STRIDE_ROWS) &&
      out_column == CB'((OUT_COLUMNS - 1) * STRIDE_COLUMNS);

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      row <= '0;
      column <= '0;
    end else if (move) begin
      column <= last_column ? '0 : column + CB'(1);
      if (last_column) row <= last_row ? '0 : row + RB'(1);
    end

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      following <= 1'b0;
      out_row <= '0;
      out_column <= '0;
      row_phase <= '0;
      column_phase <= '0;
    end else if (step & scanning) begin
      following <= ~out_last;
      if (out_last | out_end_column) begin
        out_column <= '0;
        column_phase <= '0;
        out_row <= out_last ? '0 : out_row + RB'(1);
        row_phase <= out_last || row_phase == SRB'(STRIDE_ROWS - 1) ? '0 : row_phase + SRB'(1);
      end else begin
        out_column <= out_column + CB'(1);
        column_phase <= column_phase == SCB'(STRIDE_COLUMNS - 1) ? '0 : column_phase + SCB'(1);
      end
    end

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      v_valid <= 1'b0;
      m_axis_tvalid <= 1'b0;
    end else begin
      if (advance) v_valid <= step;
      if (advance & v_valid & v_emit) m_axis_tvalid <= 1'b1;
      else if (m_axis_tready) m_axis_tvalid <= 1'b0;
    end

  // Which rows and columns of the window lie inside the picture.
  wire [KERNEL_ROWS-1:0] row_inside;
  wire [KERNEL_COLUMNS-1:0] column_inside;
  logic [KERNEL_ROWS-1:0] v_row_inside;
  logic [KERNEL_COLUMNS-1:0] v_column_inside;
  for (genvar a = 0; a < KERNEL_ROWS; a++) begin : g_row
    localparam int SHIFT = PAD_TOP - a * ROW_DILATION;
    range_check #(.BITS(RB), .LOW(SHIFT), .HIGH(SHIFT + HEIGHT), .END(GRID_ROWS))
        inside_i (.x(out_row), .hit(row_inside[a]));
  end
  for (genvar b = 0; b < KERNEL_COLUMNS; b++) begin : g_column
    localparam int SHIFT = PAD_LEFT - b * COLUMN_DILATION;
    range_check #(.BITS(CB), .LOW(SHIFT), .HIGH(SHIFT + WIDTH), .END(GRID_COLUMNS))
        inside_i (.x(out_column), .hit(column_inside[b]));
  end

  logic [PIXEL-1:0] v_pixel;
  always_ff @(posedge clk)
    if (step) begin
      v_emit <= emit;
      v_row_inside <= row_inside;
      v_column_inside <= column_inside;
      if (s_axis_tready) v_pixel <= s_axis_tdata;
    end
  wire v_fire = advance & v_valid;

  // One column of the window: the new pixel at the bottom, the rows above from the line memory.
  wire [KERNEL_ROWS*PIXEL-1:0] rows;
  assign rows[(KERNEL_ROWS-1)*PIXEL+:PIXEL] = v_pixel;
  if (ROW_REACH > 0) begin : g_lines
    window_lines #(
        .WIDTH(PIXEL),
        .LINES(KERNEL_ROWS - 1),
        .LENGTH(ROW_DILATION * GRID_COLUMNS)
    ) lines_i (
        .clk(clk),
        .rst(rst),
        .read(step),
        .write(v_fire),
        .below(rows[KERNEL_ROWS*PIXEL-1:PIXEL]),
        .above(rows[(KERNEL_ROWS-1)*PIXEL-1:0])
    );
  end

  // The columns of the window: the new one on the right, COLUMN_REACH older ones.
  wire [(COLUMN_REACH+1)*KERNEL_ROWS*PIXEL-1:0] columns;
  assign columns[COLUMN_REACH*KERNEL_ROWS*PIXEL+:KERNEL_ROWS*PIXEL] = rows;
  if (COLUMN_REACH > 0) begin : g_columns
    logic [COLUMN_REACH*KERNEL_ROWS*PIXEL-1:0] older;
    assign columns[COLUMN_REACH*KERNEL_ROWS*PIXEL-1:0] = older;
    always_ff @(posedge clk)
      if (v_fire) older <= columns[(COLUMN_REACH+1)*KERNEL_ROWS*PIXEL-1:KERNEL_ROWS*PIXEL];
  end

  for (genvar c = 0; c < CHANNELS; c++) begin : g_channel
    for (genvar a = 0; a < KERNEL_ROWS; a++) begin : g_a
      for (genvar b = 0; b < KERNEL_COLUMNS; b++) begin : g_b
        localparam int TO = ((c * KERNEL_ROWS + a) * KERNEL_COLUMNS + b) * BITS;
        localparam int FROM = (b * COLUMN_DILATION * KERNEL_ROWS + a) * PIXEL + c * BITS;
        always_ff @(posedge clk)
          if (v_fire & v_emit)
            m_axis_tdata[TO+:BITS] <= v_row_inside[a] & v_column_inside[b] ? columns[FROM+:BITS] : OUTSIDE;
      end
    end
  end
endmodule
`default_nettype wire
