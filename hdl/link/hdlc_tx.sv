// hdlc_tx: frames to escaped bytes between flags; see docs/link.md.
//
// No latency; a flag in front of each frame and one behind it, and one more byte for each 7E and 7D.
`default_nettype none
module hdlc_tx (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire  [7:0] s_data,
    input  wire        s_last,
    output wire        m_valid,
    input  wire        m_ready,
    output wire  [7:0] m_data
);
  // `opened`: the flag in front was sent; `closing`: the last byte was.
  logic opened, closing, escaped;
  wire special = s_data[7:2] == 6'b011111 & (s_data[1] ^ s_data[0]);
  wire flag = ~opened | closing;
  wire escape = special & ~escaped;

  assign m_valid = s_valid | closing;
  assign m_data = flag ? 8'h7E : escape ? 8'h7D : {s_data[7:6], s_data[5] ^ escaped, s_data[4:0]};
  assign s_ready = m_ready & ~flag & ~escape;

  always_ff @(posedge clk)
    if (rst) begin
      opened  <= 1'b0;
      closing <= 1'b0;
      escaped <= 1'b0;
    end else if (m_valid & m_ready) begin
      opened  <= ~closing;
      closing <= ~flag & ~escape & s_last;
      escaped <= ~flag & escape;
    end
endmodule
`default_nettype wire
