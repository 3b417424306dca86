// folded_collect: elements that come one by one as beats of LANES.
//
//   s        one element of BITS per clock in which `advance` is high
//   m_axis   lane 0 (the first) in the lowest bits
// Latency 1 clock after the last element of a beat; `advance` is low while a finished beat waits.
`default_nettype none
module folded_collect #(
    parameter int LANES = 4,
    parameter int BITS = 8
) (
    input  wire                   clk,
    input  wire                   rst,
    output wire                   advance,
    input  wire                   s_valid,
    input  wire  [BITS-1:0]       s_element,
    output logic [LANES*BITS-1:0] m_axis_tdata,
    output logic                  m_axis_tvalid,
    input  wire                   m_axis_tready
);
  localparam int B = $clog2(LANES + 1);
  logic [B-1:0] count;
  wire last = count == B'(LANES - 1);
  assign advance = ~m_axis_tvalid | m_axis_tready;
  wire take = advance & s_valid;
  wire awake = rst | s_valid | m_axis_tvalid;
  // `rst` once more, as a signal of this module: a simulator that groups registers by condition keeps it inside.
  wire clear = rst & awake;
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (clear) begin
      count <= '0;
      m_axis_tvalid <= 1'b0;
    end else if (advance) begin
      m_axis_tvalid <= take & last;
      if (take) count <= last ? '0 : count + B'(1);
    end
  if (LANES == 1) begin : g_one
    always_ff @(posedge clk) if (awake) if (take) m_axis_tdata <= s_element;
  end else begin : g_many
    always_ff @(posedge clk) if (awake) if (take) m_axis_tdata <= {s_element, m_axis_tdata[LANES*BITS-1:BITS]};
  end
endmodule
`default_nettype wire
