// common_mode: subtracts from every row of macro-pixels the mean of those that are not far from 0.
//
// Twin of src/trigger/common-mode.ts: v - mean of row_mean.sv, saturated to s18; content and search have a limit
// and a mean each.
//   s_content, s_search  s18, raster order     m_content, m_search  s18, the same order
// Without cfg_enable the values pass unchanged. Latency from the last macro-pixel of a row to the first one out
// 23 clocks, 5 without cfg_enable. Throughput 1 macro-pixel per clock with one empty clock per row in rows of 22
// or more. One memory of 2 ** (COLUMN_BITS + 1) x 36 bits: a row comes in while the one before it goes out.
`default_nettype none
module common_mode #(
    parameter int COLUMN_BITS = 10
) (
    input  wire                       clk,
    input  wire                       rst,
    input  wire                       start,              // a new frame
    input  wire                       cfg_enable,
    input  wire         [16:0]        cfg_content_limit,
    input  wire         [16:0]        cfg_search_limit,
    input  wire  [COLUMN_BITS:0]      cfg_columns,
    input  wire                       s_valid,
    output wire                       s_ready,
    input  wire  signed [17:0]        s_content,
    input  wire  signed [17:0]        s_search,
    output logic                      m_valid,
    input  wire                       m_ready,
    output logic signed [17:0]        m_content,
    output logic signed [17:0]        m_search
);
  localparam int C = COLUMN_BITS;
  localparam logic [4:0] LAST_BIT = 5'd17;

  // Up to three rows are under way: one comes in, one waits for its mean, one goes out.
  logic row_complete, dividing, mean_known, emitting, r_valid;
  logic [4:0] bits;
  logic [C:0] column, emitted, head, tail;
  logic [C+1:0] stored;
  wire last_column = column + 1'b1 == cfg_columns;
  wire divide = row_complete & ~dividing & ~mean_known;
  wire advance = ~m_valid | m_ready;
  wire emit = mean_known & ~emitting & advance;
  wire read = emitting & advance;
  assign s_ready = ~stored[C+1] & (~row_complete | divide);
  wire take = s_valid & s_ready;
  wire awake = rst | start | s_valid | row_complete | dividing | mean_known | emitting | r_valid | m_valid;

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst | start) begin
      column <= '0;
      head <= '0;
      tail <= '0;
      stored <= '0;
      row_complete <= 1'b0;
      dividing <= 1'b0;
      mean_known <= 1'b0;
      emitting <= 1'b0;
      r_valid <= 1'b0;
      m_valid <= 1'b0;
    end else begin
      if (take) begin
        tail <= tail + 1'b1;
        column <= last_column ? '0 : column + 1'b1;
      end
      if (read) head <= head + 1'b1;
      stored <= stored + {{(C+1){1'b0}}, take} - {{(C+1){1'b0}}, read};

      if (take & last_column) row_complete <= 1'b1;
      else if (divide) row_complete <= 1'b0;
      bits <= divide ? '0 : bits + 1'b1;
      if (divide) dividing <= cfg_enable;
      else if (bits == LAST_BIT) dividing <= 1'b0;
      if (divide ? ~cfg_enable : dividing && bits == LAST_BIT) mean_known <= 1'b1;
      else if (emit) mean_known <= 1'b0;

      if (emit) begin
        emitting <= 1'b1;
        emitted  <= '0;
      end else if (read) begin
        emitted <= emitted + 1'b1;
        if (emitted + 1'b1 == cfg_columns) emitting <= 1'b0;
      end
      if (advance) begin
        r_valid <= emitting;
        m_valid <= r_valid;
      end
    end

  wire signed [17:0] content_mean, search_mean;
  row_mean #(
      .COLUMN_BITS(C)
  ) content_mean_i (
      .clk(clk),
      .awake(awake),
      .start(start),
      .limit(cfg_content_limit),
      .take(take & cfg_enable),
      .value(s_content),
      .divide(divide & cfg_enable),
      .step(dividing),
      .mean(content_mean)
  );
  row_mean #(
      .COLUMN_BITS(C)
  ) search_mean_i (
      .clk(clk),
      .awake(awake),
      .start(start),
      .limit(cfg_search_limit),
      .take(take & cfg_enable),
      .value(s_search),
      .divide(divide & cfg_enable),
      .step(dividing),
      .mean(search_mean)
  );

  function automatic [17:0] saturate(input signed [18:0] value);
    saturate = value[18] == value[17] ? value[17:0] : {value[18], {17{~value[18]}}};
  endfunction

  logic [35:0] rows[0:(1<<(C+1))-1];
  logic [35:0] row_q;
  logic signed [17:0] content_offset, search_offset;
  always_ff @(posedge clk)
    if (awake) begin
      if (take) rows[tail] <= {s_content, s_search};
      if (read) row_q <= rows[head];
      if (emit) begin
        content_offset <= cfg_enable ? content_mean : 18'sd0;
        search_offset  <= cfg_enable ? search_mean : 18'sd0;
      end
      if (r_valid & advance) begin
        m_content <= saturate(19'($signed(row_q[35:18])) - 19'(content_offset));
        m_search  <= saturate(19'($signed(row_q[17:0])) - 19'(search_offset));
      end
    end
endmodule
`default_nettype wire
