// skid_buffer: AXI4-Stream register slice whose s_tready is a flip-flop.
//
// Latency 1 clock, throughput 1 word per clock. WIDTH bits of payload.
`default_nettype none
module skid_buffer #(
    parameter int WIDTH = 8
) (
    input  wire              clk,
    input  wire              rst,
    input  wire              s_tvalid,
    output logic             s_tready,
    input  wire  [WIDTH-1:0] s_tdata,
    output logic             m_tvalid,
    input  wire              m_tready,
    output logic [WIDTH-1:0] m_tdata
);
  // s_tready is low exactly while `spare` holds a word that did not fit the output register.
  logic [WIDTH-1:0] spare;
  wire              take = s_tvalid & s_tready;
  wire              free = ~m_tvalid | m_tready;

  always_ff @(posedge clk)
    if (rst) begin
      m_tvalid <= 1'b0;
      s_tready <= 1'b1;
    end else if (free) begin
      m_tvalid <= take | ~s_tready;
      s_tready <= 1'b1;
    end else if (take) begin
      s_tready <= 1'b0;
    end

  always_ff @(posedge clk) if (free) m_tdata <= s_tready ? s_tdata : spare;
  always_ff @(posedge clk) if (take) spare <= s_tdata;
endmodule
`default_nettype wire
