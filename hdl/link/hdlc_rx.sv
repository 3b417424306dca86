// hdlc_rx: escaped bytes between flags to the bytes of frames; see docs/link.md.
//
// m_end marks a beat without a byte: a flag was met. m_abort with it: an escape stood before the flag.
// No latency, one byte per clock; a beat comes for every flag, also behind nothing.
`default_nettype none
module hdlc_rx (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire  [7:0] s_data,
    output wire        m_valid,
    input  wire        m_ready,
    output wire  [7:0] m_data,
    output wire        m_end,
    output wire        m_abort
);
  logic escaped;
  wire flag = s_data == 8'h7E;
  wire escape = s_data == 8'h7D & ~escaped;

  assign m_valid = s_valid & ~escape;
  assign m_data = {s_data[7:6], s_data[5] ^ escaped, s_data[4:0]};
  assign m_end = flag;
  assign m_abort = escaped;
  assign s_ready = m_ready | escape;

  always_ff @(posedge clk)
    if (rst) escaped <= 1'b0;
    else if (s_valid & s_ready) escaped <= escape;
endmodule
`default_nettype wire
