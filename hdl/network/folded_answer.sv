// folded_answer: valid and index of elements whose value a memory answers in the same clock.
//
// Latency 1 clock, one element per clock while `advance` is high.
`default_nettype none
module folded_answer #(
    parameter int INDEX_BITS = 2
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   advance,
    input  wire                   s_valid,
    input  wire  [INDEX_BITS-1:0] s_index,
    output logic                  m_valid,
    output logic [INDEX_BITS-1:0] m_index
);
  always_ff @(posedge clk)
    if (rst) m_valid <= 1'b0;
    else if (advance) m_valid <= s_valid;
  always_ff @(posedge clk) if (advance & s_valid) m_index <= s_index;
endmodule
`default_nettype wire
