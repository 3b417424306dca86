// beats_to_vector: BEATS beats gathered into one, the first in the lowest bits.
//
// Latency 1 clock after the last beat, throughput 1 beat per clock. BEATS * WIDTH flip-flops.
`default_nettype none
module beats_to_vector #(
    parameter int BEATS = 2,
    parameter int WIDTH = 8
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire  [WIDTH-1:0]       s_axis_tdata,
    input  wire                    s_axis_tvalid,
    output wire                    s_axis_tready,
    output logic [BEATS*WIDTH-1:0] m_axis_tdata,
    output logic                   m_axis_tvalid,
    input  wire                    m_axis_tready
);
  localparam int B = $clog2(BEATS + 1);
  logic [B-1:0] count;
  wire last = count == B'(BEATS - 1);
  assign s_axis_tready = ~m_axis_tvalid | m_axis_tready;
  wire take = s_axis_tready & s_axis_tvalid;
  wire awake = rst | s_axis_tvalid | m_axis_tvalid;
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      count <= '0;
      m_axis_tvalid <= 1'b0;
    end else if (s_axis_tready) begin
      m_axis_tvalid <= take & last;
      if (take) count <= last ? '0 : count + B'(1);
    end
  if (BEATS == 1) begin : g_one
    always_ff @(posedge clk) if (take) m_axis_tdata <= s_axis_tdata;
  end else begin : g_many
    always_ff @(posedge clk) if (take) m_axis_tdata <= {s_axis_tdata, m_axis_tdata[BEATS*WIDTH-1:WIDTH]};
  end
endmodule
`default_nettype wire
