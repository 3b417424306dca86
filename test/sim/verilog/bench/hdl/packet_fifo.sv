// packet_fifo: AXI4-Stream FIFO of DEPTH beats with tkeep, tlast and tuser.
//
// BUG 1 loses a beat that comes in the cycle in which the last beat of a packet leaves; BUG 2 withdraws an offer after two
// cycles of waiting; BUG 3 changes an offer.
`default_nettype none
module packet_fifo #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 4,
    parameter int BUG   = 0
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                s_axis_tvalid,
    output wire                s_axis_tready,
    input  wire  [  WIDTH-1:0] s_axis_tdata,
    input  wire  [WIDTH/8-1:0] s_axis_tkeep,
    input  wire                s_axis_tlast,
    input  wire  [        3:0] s_axis_tuser,
    output wire                m_axis_tvalid,
    input  wire                m_axis_tready,
    output wire  [  WIDTH-1:0] m_axis_tdata,
    output wire  [WIDTH/8-1:0] m_axis_tkeep,
    output wire                m_axis_tlast,
    output wire  [        3:0] m_axis_tuser
);
  localparam int A = $clog2(DEPTH);
  localparam int B = WIDTH + WIDTH / 8 + 5;
  logic [B-1:0] beats[DEPTH];
  logic [A:0] head, tail;
  logic [1:0] waited;
  wire [A:0] used = head - tail;
  wire put = s_axis_tvalid & s_axis_tready;
  wire take = m_axis_tvalid & m_axis_tready;
  wire lost = BUG == 1 & put & take & m_axis_tlast;
  wire hides = BUG == 2 & waited == 2'd2;
  wire turns = BUG == 3 & waited == 2'd2;

  assign s_axis_tready = used != (A + 1)'(DEPTH);
  assign m_axis_tvalid = used != 0 & ~hides;
  assign {m_axis_tuser, m_axis_tlast, m_axis_tkeep, m_axis_tdata} = beats[tail[A-1:0]] ^ B'(turns);

  always_ff @(posedge clk) begin
    if (put) beats[head[A-1:0]] <= {s_axis_tuser, s_axis_tlast, s_axis_tkeep, s_axis_tdata};
    waited <= m_axis_tvalid & ~m_axis_tready ? waited + 2'd1 : 2'd0;
    if (rst) begin
      head <= '0;
      tail <= '0;
    end else begin
      if (put & ~lost) head <= head + 1'b1;
      if (take) tail <= tail + 1'b1;
    end
  end
endmodule
`default_nettype wire
