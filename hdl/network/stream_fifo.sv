// stream_fifo: AXI4-Stream beats wait in one block RAM; evens out a stream that comes in bursts.
//
// Latency 2 clocks, throughput 1 word per clock. 2 ** DEPTH_BITS words of WIDTH bits, and one at the output.
// s_axis_tready is a flip-flop.
`default_nettype none
module stream_fifo #(
    parameter int WIDTH = 8,
    parameter int DEPTH_BITS = 4
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
  localparam int D = DEPTH_BITS;
  logic [WIDTH-1:0] words[0:(1<<D)-1];
  logic [D-1:0] head, tail;
  logic [D:0] count;
  wire put = s_axis_tvalid & s_axis_tready;
  wire get = count != '0 && (~m_axis_tvalid | m_axis_tready);
  wire awake = rst | s_axis_tvalid | m_axis_tvalid | count != '0;
  wire [D:0] next_count = count + (D + 1)'(put) - (D + 1)'(get);

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      head <= '0;
      tail <= '0;
      count <= '0;
      m_axis_tvalid <= 1'b0;
      s_axis_tready <= 1'b1;
    end else begin
      if (put) tail <= tail + D'(1);
      if (get) head <= head + D'(1);
      count <= next_count;
      if (get) m_axis_tvalid <= 1'b1;
      else if (m_axis_tready) m_axis_tvalid <= 1'b0;
      s_axis_tready <= ~next_count[D];
    end

  always_ff @(posedge clk) if (put) words[tail] <= s_axis_tdata;
  always_ff @(posedge clk) if (get) m_axis_tdata <= words[head];
endmodule
`default_nettype wire
