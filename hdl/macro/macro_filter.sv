// macro_filter: separable 5x5 binomial filter [1 4 6 4 1] x [1 4 6 4 1], gain 256, zeros outside, in small logic.
//
// Twin of matchedFilter() in src/trigger/matched-filter.ts.
//   s_content, s_search  s18, raster order; taken when s_ready
//   m_content  s18 the content of a macro-pixel, m_filtered s26 the filter output for `search` at its place
// [1 4 6 4 1] is (1 + z)^4: four times a sum of two neighbours. The vertical sums are made one per two clocks; each
// leaves its input, for the row below, in the line memory, and beside it half a content, for two rows below. The
// horizontal ones are four adders. Four rows of zeros before each frame clear what is left of another one.
// 10 clocks per macro-pixel and 5 per row; latency 2 rows and 2 macro-pixels. Per frame 4 rows before the
// first macro-pixel is taken and 2 after the last one. Two memories of 4 * MACRO_SIDE x 16 bits.
`default_nettype none
module macro_filter #(
    parameter int MACRO_SIDE = 576
) (
    input  wire                                 clk,
    input  wire                                 rst,
    input  wire                                 start,         // one clock: a new frame
    input  wire         [ $clog2(MACRO_SIDE):0] cfg_columns,   // 1 to MACRO_SIDE, stable during a frame
    input  wire         [ $clog2(MACRO_SIDE):0] cfg_rows,
    input  wire                                 s_valid,
    output wire                                 s_ready,
    input  wire  signed [                 17:0] s_content,
    input  wire  signed [                 17:0] s_search,
    output logic                                complete,      // the last macro-pixel of the frame was taken
    output wire                                 m_valid,
    input  wire                                 m_ready,
    output wire  signed [                 17:0] m_content,
    output wire  signed [                 25:0] m_filtered,
    output wire                                 m_last_column,
    output wire                                 m_last
);
  localparam int B = $clog2(MACRO_SIDE) + 1;
  localparam logic [2:0] IDLE = 0, ROW = 1, TAKE = 2, READ = 3, WRITE = 4, GIVE = 5;
  logic [2:0] state;
  logic [1:0] phase;  // which of the vertical sums

  // --- place: x and y count down to 0 at the last macro-pixel, -1 and -2 are beyond the image
  logic [B-1:0] x, y;
  logic [1:0] x_lead;  // steps of the row until its first output
  logic [2:0] y_lead;  // rows until the first output: 6 to 3 clear the memory, 2 and 1 are in the image
  logic odd;  // parity of the row
  wire clearing = y_lead >= 3'd3;
  wire outside_x = x[B-1];
  wire outside_y = clearing | y[B-1];
  wire last_x = x[B-1] & ~x[0];
  wire last_y = y[B-1] & ~y[0] & ~clearing;
  wire step = state == GIVE && (~m_valid | m_ready);
  wire end_row = step & last_x;

  always_ff @(posedge clk)
    if (rst) state <= IDLE;
    else if (start) state <= ROW;
    else
      case (state)
        ROW: state <= TAKE;
        TAKE: if (outside_x) state <= GIVE;
              else if (outside_y | s_valid) state <= READ;
        READ: state <= WRITE;
        WRITE: state <= phase == 2'd3 ? GIVE : READ;
        GIVE:
        if (step)
          if (!last_x) state <= TAKE;
          else state <= last_y ? IDLE : ROW;
        default: state <= IDLE;
      endcase

  always_ff @(posedge clk) begin
    if (start | end_row) x <= cfg_columns;
    else if (step || state == ROW) x <= x - B'(1);
    if (start | end_row) x_lead <= 2'd2;
    else if (step && x_lead != 2'd0) x_lead <= x_lead - 2'd1;
    if (start) y <= cfg_rows;
    else if (end_row && y_lead <= 3'd3) y <= y - B'(1);
    if (start) y_lead <= 3'd6;
    else if (end_row && y_lead != 3'd0) y_lead <= y_lead - 3'd1;
    if (start) odd <= 1'b0;
    else if (end_row) odd <= ~odd;
  end

  // --- line memory: the former input of each vertical sum, and a quarter of the contents of two rows
  localparam int A = $clog2(4 * MACRO_SIDE);
  logic signed [21:0] v;
  logic [31:0] read_word;
  wire [8:0] half = phase[0] ? s_content[17:9] : s_content[8:0];
  wire own = phase[1] == odd;  // the contents of this row, in the place of those of two rows above
  wire [31:0] write_word = {1'b0, own ? half : read_word[30:22], v};
  wire write = state == WRITE;
  wire [A-1:0] address = A'({x[B-2:0], phase});
  line_memory #(
      .DEPTH(4 * MACRO_SIDE)
  ) low_i (
      .clk(clk),
      .address(address),
      .write_enable(write),
      .write_data(write_word[15:0]),
      .read_data(read_word[15:0])
  );
  line_memory #(
      .DEPTH(4 * MACRO_SIDE)
  ) high_i (
      .clk(clk),
      .address(address),
      .write_enable(write),
      .write_data(write_word[31:16]),
      .read_data(read_word[31:16])
  );
  wire unused = &{1'b0, read_word[31]};
  assign s_ready = write && phase == 2'd3 && !outside_y;
  always_ff @(posedge clk)
    if (rst | start) complete <= 1'b0;
    else if (s_ready && x == '0 && y == '0) complete <= 1'b1;

  logic signed [17:0] c0, c1, c2;  // contents of two rows above: of this column and of the two before
  always_ff @(posedge clk) begin
    if (state == TAKE) phase <= 2'd0;
    else if (write) phase <= phase + 2'd1;
    if (state == TAKE) v <= outside_x | outside_y ? 22'sd0 : 22'(s_search);
    else if (write) v <= v + $signed(read_word[21:0]);
    if (write & own & ~phase[0]) c0[8:0] <= read_word[30:22];
    if (write & own & phase[0]) c0[17:9] <= read_word[30:22];
    if (step) begin
      c1 <= c0;
      c2 <= c1;
    end
  end

  // --- horizontal sums of the column sums
  logic signed [21:0] h0;
  logic signed [22:0] h1;
  logic signed [23:0] h2;
  logic signed [24:0] h3;
  wire signed [22:0] t1 = v + h0;
  wire signed [23:0] t2 = t1 + h1;
  wire signed [24:0] t3 = t2 + h2;
  always_ff @(posedge clk)
    if (state == ROW) begin
      h0 <= '0;
      h1 <= '0;
      h2 <= '0;
      h3 <= '0;
    end else if (step) begin
      h0 <= v;
      h1 <= t1;
      h2 <= t2;
      h3 <= t3;
    end
  assign m_valid = state == GIVE && x_lead == 2'd0 && y_lead == 3'd0;
  assign m_filtered = t3 + h3;
  assign m_content = c2;
  assign m_last_column = last_x;
  assign m_last = last_x & last_y;
endmodule
`default_nettype wire
