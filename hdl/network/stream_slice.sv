// stream_slice: AXI4-Stream register slice; cuts the ready path between two modules.
//
// Latency 1 clock, throughput 1 word per clock. WIDTH bits of payload; s_axis_tready is a flip-flop.
`default_nettype none
module stream_slice #(
    parameter int WIDTH = 8
) (
    input  wire              clk,
    input  wire              rst,
    input  wire  [WIDTH-1:0] s_axis_tdata,
    input  wire              s_axis_tvalid,
    output logic             s_axis_tready,
    output logic [WIDTH-1:0] m_axis_tdata,
    output logic             m_axis_tvalid,
    input  wire              m_axis_tready
);
  // s_axis_tready is low exactly while `spare` holds a word that did not fit the output register.
  logic [WIDTH-1:0] spare;
  wire take = s_axis_tvalid & s_axis_tready;
  wire free = ~m_axis_tvalid | m_axis_tready;
  wire awake = rst | s_axis_tvalid | m_axis_tvalid | ~s_axis_tready;

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      m_axis_tvalid <= 1'b0;
      s_axis_tready <= 1'b1;
    end else if (free) begin
      m_axis_tvalid <= take | ~s_axis_tready;
      s_axis_tready <= 1'b1;
    end else if (take) begin
      s_axis_tready <= 1'b0;
    end

  always_ff @(posedge clk)
    if (free & (take | ~s_axis_tready)) m_axis_tdata <= s_axis_tready ? s_axis_tdata : spare;
  always_ff @(posedge clk) if (take & ~free) spare <= s_axis_tdata;
endmodule
`default_nettype wire
