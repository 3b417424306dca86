// vector_to_beats: one beat cut into BEATS, the lowest bits first.
//
// Latency 1 clock to the first beat, BEATS clocks to the last; throughput 1 beat per clock without gaps.
// BEATS * WIDTH flip-flops.
`default_nettype none
module vector_to_beats #(
    parameter int BEATS = 2,
    parameter int WIDTH = 8
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire  [BEATS*WIDTH-1:0] s_axis_tdata,
    input  wire                    s_axis_tvalid,
    output wire                    s_axis_tready,
    output wire  [WIDTH-1:0]       m_axis_tdata,
    output logic                   m_axis_tvalid,
    input  wire                    m_axis_tready
);
  localparam int B = $clog2(BEATS + 1);
  logic [BEATS*WIDTH-1:0] rest;
  logic [B-1:0] count;
  wire last = count == B'(BEATS - 1);
  wire leave = m_axis_tvalid & m_axis_tready;
  assign m_axis_tdata = rest[WIDTH-1:0];
  assign s_axis_tready = ~m_axis_tvalid | (leave & last);
  wire take = s_axis_tready & s_axis_tvalid;
  wire awake = rst | s_axis_tvalid | m_axis_tvalid;
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      count <= '0;
      m_axis_tvalid <= 1'b0;
    end else begin
      m_axis_tvalid <= take | m_axis_tvalid & ~(leave & last);
      if (leave) count <= last ? '0 : count + B'(1);
    end
  always_ff @(posedge clk)
    if (take) rest <= s_axis_tdata;
    else if (leave) rest <= rest >> WIDTH;
endmodule
`default_nettype wire
