// matched_filter: separable 5x5 binomial filter [1 4 6 4 1] x [1 4 6 4 1], gain 256, zeros outside.
//
// Twin of matchedFilter() in src/trigger/matched-filter.ts.
//   s_content, s_search s18, raster order, columns x rows
//   m_macro s18 the content of a macro-pixel, m_filtered s26 the filter output for `search` at its place
// Throughput 1 macro-pixel per clock, two empty clocks per row and two empty rows per frame, in which
// s_ready is low. Latency 2 rows + 2 macro-pixels + 3 clocks. Six line memories of MAX_COLUMNS x 18 bits.
`default_nettype none
module matched_filter #(
    parameter int COLUMN_BITS = 10
) (
    input  wire                       clk,
    input  wire                       rst,
    input  wire                       start,       // a new frame
    input  wire  [COLUMN_BITS:0]      cfg_columns,
    input  wire  [COLUMN_BITS:0]      cfg_rows,
    input  wire                       s_valid,
    output wire                       s_ready,
    input  wire  signed [17:0]        s_content,
    input  wire  signed [17:0]        s_search,
    output logic                      m_valid,
    input  wire                       m_ready,
    output logic signed [17:0]        m_macro,
    output logic signed [25:0]        m_filtered,
    output logic                      m_last_column,
    output logic                      m_last
);
  localparam int B = COLUMN_BITS + 1;
  logic [B-1:0] x, y;  // 0 ... columns + 1, 0 ... rows + 1: two beyond the image
  logic running, outside;  // outside: x or y is beyond the image
  wire inside_x = x < cfg_columns;
  wire inside_y = y < cfg_rows;
  wire last_x = x == cfg_columns + B'(1);
  wire last_y = y == cfg_rows + B'(1);
  wire [B-1:0] next_x = last_x ? '0 : x + B'(1);
  wire [B-1:0] next_y = last_x ? y + B'(1) : y;
  wire advance = ~m_valid | m_ready;
  assign s_ready = running & ~outside & advance;
  wire step = running & advance & (s_valid | outside);
  wire awake = rst | start | s_valid | outside | v_valid | m_valid;

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      running <= 1'b0;
      outside <= 1'b0;
    end else if (start) begin
      running <= 1'b1;
      outside <= 1'b0;
      x <= '0;
      y <= '0;
    end else if (step) begin
      running <= ~(last_x & last_y);
      outside <= ~(last_x & last_y) & (next_x >= cfg_columns | next_y >= cfg_rows);
      x <= next_x;
      y <= next_y;
    end

  // Vertical: the four macro-pixels above, one row apart, from the line memories; contents of the last two rows.
  logic signed [17:0] line1[0:(1<<COLUMN_BITS)-1];
  logic signed [17:0] line2[0:(1<<COLUMN_BITS)-1];
  logic signed [17:0] line3[0:(1<<COLUMN_BITS)-1];
  logic signed [17:0] line4[0:(1<<COLUMN_BITS)-1];
  logic signed [17:0] contents1[0:(1<<COLUMN_BITS)-1];
  logic signed [17:0] contents2[0:(1<<COLUMN_BITS)-1];
  wire [COLUMN_BITS-1:0] address = x[COLUMN_BITS-1:0];
  logic v_valid, v_inside, v_first, v_last_x, v_last_y, v_report;
  logic [COLUMN_BITS-1:0] v_address;
  logic signed [17:0] v0, read1, read2, read3, read4;
  logic signed [17:0] content0, content1, content2;
  logic [3:0] v_known;  // rows y-1 ... y-4 exist
  wire signed [17:0] v1 = v_known[0] ? read1 : 18'sd0;
  wire signed [17:0] v2 = v_known[1] ? read2 : 18'sd0;
  wire signed [17:0] v3 = v_known[2] ? read3 : 18'sd0;
  wire signed [17:0] v4 = v_known[3] ? read4 : 18'sd0;
  wire signed [18:0] outer_v = 19'(v0) + 19'(v4);
  wire signed [18:0] inner_v = 19'(v1) + 19'(v3);
  wire signed [21:0] column_sum =
      22'(outer_v) + {{1{inner_v[18]}}, inner_v, 2'b0} + {{2{v2[17]}}, v2, 2'b0} + {{3{v2[17]}}, v2, 1'b0};

  always_ff @(posedge clk)
    if (awake & step) begin
      v0        <= inside_y ? s_search : 18'sd0;
      content0  <= s_content;
      v_inside  <= inside_x;
      v_first   <= x == '0;
      v_last_x  <= last_x;
      v_last_y  <= last_y;
      v_report  <= x >= B'(2) && y >= B'(2);
      v_address <= address;
      v_known   <= {y >= B'(4), y >= B'(3), y >= B'(2), y >= B'(1)};
    end
  always_ff @(posedge clk)
    if (awake & step & inside_x) begin
      read1 <= line1[address];
      read2 <= line2[address];
      read3 <= line3[address];
      read4 <= line4[address];
      content1 <= contents1[address];
      content2 <= contents2[address];
    end
  wire v_fire = v_valid & advance;
  always_ff @(posedge clk)
    if (awake & v_fire & v_inside) begin
      line1[v_address] <= v0;
      line2[v_address] <= read1;
      line3[v_address] <= read2;
      line4[v_address] <= read3;
      contents1[v_address] <= content0;
      contents2[v_address] <= content1;
    end

  // Horizontal: the last five column sums; the centre is the third.
  logic signed [21:0] h1, h2, h3, h4;
  logic signed [17:0] c1, c2;
  wire signed [21:0] h0 = v_inside ? column_sum : 22'sd0;
  wire signed [21:0] k1 = v_first ? 22'sd0 : h1;
  wire signed [21:0] k2 = v_first ? 22'sd0 : h2;
  wire signed [21:0] k3 = v_first ? 22'sd0 : h3;
  wire signed [21:0] k4 = v_first ? 22'sd0 : h4;
  wire signed [22:0] outer_h = 23'(h0) + 23'(k4);
  wire signed [22:0] inner_h = 23'(k1) + 23'(k3);

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      v_valid <= 1'b0;
      m_valid <= 1'b0;
    end else if (advance) begin
      v_valid <= step;
      m_valid <= v_valid & v_report;
    end
  always_ff @(posedge clk)
    if (awake & v_fire) begin
      h1 <= h0;
      h2 <= k1;
      h3 <= k2;
      h4 <= k3;
      c1 <= content2;
      c2 <= c1;
      m_macro <= c2;
      m_filtered <= 26'(outer_h) + {{1{inner_h[22]}}, inner_h, 2'b0} + {{2{k2[21]}}, k2, 2'b0} +
                    {{3{k2[21]}}, k2, 1'b0};
      m_last_column <= v_last_x;
      m_last <= v_last_x & v_last_y;
    end
endmodule
`default_nettype wire
