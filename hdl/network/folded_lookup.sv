// folded_lookup: the place of an element in its table, clamp(x - first, 0, 2^PLACE_BITS - 1), on elements
// that come one by one. A memory behind it answers the place, with folded_answer beside it.
//
// `first` belongs to the element that came the clock before (a memory answers its index).
// Latency 2 clocks, one element per clock while `advance` is high.
`default_nettype none
module folded_lookup #(
    parameter int X_BITS = 8,
    parameter int FIRST_BITS = 8,  // signed
    parameter int PLACE_BITS = 8,
    parameter int INDEX_BITS = 2
) (
    input  wire                          clk,
    input  wire                          rst,
    input  wire                          advance,
    input  wire                          s_valid,
    input  wire         [INDEX_BITS-1:0] s_index,
    input  wire  signed [X_BITS-1:0]     s_x,
    input  wire  signed [FIRST_BITS-1:0] first,
    output logic                         m_valid,
    output logic        [INDEX_BITS-1:0] m_index,
    output logic        [PLACE_BITS-1:0] m_place
);
  localparam int WIDE = X_BITS > FIRST_BITS ? X_BITS : FIRST_BITS;
  localparam int D_BITS = (WIDE > PLACE_BITS ? WIDE : PLACE_BITS) + 2;
  logic a_valid;
  logic [INDEX_BITS-1:0] a_index;
  logic signed [X_BITS-1:0] a_x;
  wire signed [D_BITS-1:0] place = D_BITS'(a_x) - D_BITS'(first);
  wire beyond = |place[D_BITS-2:PLACE_BITS];
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
    end
  always_ff @(posedge clk)
    if (advance & a_valid) begin
      m_index <= a_index;
      if (place[D_BITS-1]) m_place <= '0;
      else if (beyond) m_place <= '1;
      else m_place <= place[PLACE_BITS-1:0];
    end
endmodule
`default_nettype wire
