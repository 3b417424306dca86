// folded_search: one level of a binary search among thresholds, on elements that come one by one.
//
// Appends to `rank` the bit x >= threshold. The threshold belongs to the element that came the clock before
// (a memory answers its index and rank); RANK_BITS levels one behind the other count the thresholds <= x.
// Latency 2 clocks, one element per clock while `advance` is high.
`default_nettype none
module folded_search #(
    parameter int X_BITS = 16,
    parameter int THRESHOLD_BITS = 17,  // signed
    parameter int RANK_BITS = 2,
    parameter int INDEX_BITS = 2
) (
    input  wire                              clk,
    input  wire                              rst,
    input  wire                              advance,
    input  wire                              s_valid,
    input  wire         [INDEX_BITS-1:0]     s_index,
    input  wire  signed [X_BITS-1:0]         s_x,
    input  wire         [RANK_BITS-1:0]      s_rank,
    input  wire  signed [THRESHOLD_BITS-1:0] threshold,
    output logic                             m_valid,
    output logic        [INDEX_BITS-1:0]     m_index,
    output logic signed [X_BITS-1:0]         m_x,
    output logic        [RANK_BITS-1:0]      m_rank
);
  logic a_valid;
  logic [INDEX_BITS-1:0] a_index;
  logic signed [X_BITS-1:0] a_x;
  logic [RANK_BITS-1:0] a_rank;
  wire reached = THRESHOLD_BITS'(a_x) >= threshold;
  always_ff @(posedge clk)
    if (rst) begin
      a_valid <= 1'b0;
      m_valid <= 1'b0;
    end else if (advance) begin
      a_valid <= s_valid;
      m_valid <= a_valid;
    end
  always_ff @(posedge clk)
    if (advance & s_valid) begin
      a_index <= s_index;
      a_x <= s_x;
      a_rank <= s_rank;
    end
  always_ff @(posedge clk)
    if (advance & a_valid) begin
      m_index <= a_index;
      m_x <= a_x;
      m_rank <= RANK_BITS'({a_rank, reached});
    end
endmodule
`default_nettype wire
