// xdma_top: Acorn CLE-215+ and LiteFury (NiteFury too), whose boards differ in the Artix-7 alone. PCIe Gen1 x4.
//
// AMD's XDMA core (xdma_0, made by build.tcl) gives the streams at 125 MHz; link and trigger run at 62.5 MHz behind clock
// converters (h2c_clock, c2h_clock). The identification block is the XDMA core's AXI4-Lite space. LEDs: PCIe link up,
// session began. BUILD and SCHEMA are set by the build, see src/toolchain.
`default_nettype none
module xdma_top #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0
) (
    input  wire       pcie_clk_p,
    input  wire       pcie_clk_n,
    input  wire       pcie_rst_n,
    input  wire [3:0] pcie_rx_p,
    input  wire [3:0] pcie_rx_n,
    output wire [3:0] pcie_tx_p,
    output wire [3:0] pcie_tx_n,
    output wire       pcie_clkreq_n,
    output wire       led_pcie,
    output wire       led_link
);
  assign pcie_clkreq_n = 1'b0;

  wire pcie_clk, pcie_rst_in, bus_clk, bus_rst_n, link_up;
  IBUFDS_GTE2 pcie_clk_i (
      .I(pcie_clk_p),
      .IB(pcie_clk_n),
      .CEB(1'b0),
      .O(pcie_clk),
      .ODIV2()
  );
  IBUF pcie_rst_i (
      .I(pcie_rst_n),
      .O(pcie_rst_in)
  );

  // 125 MHz / 2 for the logic
  wire clk, clk_raw, feedback, locked;
  MMCME2_BASE #(
      .CLKIN1_PERIOD(8.0),
      .CLKFBOUT_MULT_F(8.0),
      .CLKOUT0_DIVIDE_F(16.0)
  ) clk_i (
      .CLKIN1(bus_clk),
      .CLKFBIN(feedback),
      .CLKFBOUT(feedback),
      .CLKOUT0(clk_raw),
      .LOCKED(locked),
      .PWRDWN(1'b0),
      .RST(~bus_rst_n)
  );
  // The first clocks of an MMCM that is not locked may be short: none reaches the logic until 8 steady ones are over.
  wire clk_early;
  BUFH clk_early_i (
      .I(clk_raw),
      .O(clk_early)
  );
  (* ASYNC_REG = "TRUE" *) logic [7:0] clock_on = '0;
  always_ff @(posedge clk_early or negedge locked)
    if (!locked) clock_on <= '0;
    else clock_on <= {clock_on[6:0], 1'b1};
  BUFGCE clk_buffer_i (
      .I(clk_raw),
      .CE(clock_on[7]),
      .O(clk)
  );

  // the reset of the logic: PCIe, clock, or the host by the control register
  wire engine_reset;
  (* ASYNC_REG = "TRUE" *) logic [3:0] steady = '0;
  wire hold = ~bus_rst_n | ~locked | engine_reset;
  always_ff @(posedge clk or posedge hold)
    if (hold) steady <= '0;
    else steady <= {steady[2:0], 1'b1};
  // steady falls at any time: two flip-flops before the one that the logic sees.
  (* ASYNC_REG = "TRUE" *) logic [1:0] settling = '0;
  logic rst = 1'b1;
  always_ff @(posedge clk) begin
    settling <= {settling[0], steady[3]};
    rst <= ~settling[1];
  end

  wire h2c_valid, h2c_ready, c2h_valid, c2h_ready, c2h_last;
  wire [63:0] h2c_data, c2h_data;
  wire [7:0] c2h_keep;
  wire bus_h2c_valid, bus_h2c_ready, bus_c2h_valid, bus_c2h_ready, bus_c2h_last;
  wire [63:0] bus_h2c_data, bus_c2h_data;
  wire [7:0] bus_c2h_keep;
  wire [31:0] awaddr, wdata, araddr, rdata;
  wire [3:0] wstrb;
  wire [1:0] bresp, rresp;
  wire awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;

  xdma_0 xdma_i (
      .sys_clk(pcie_clk),
      .sys_rst_n(pcie_rst_in),
      .user_lnk_up(link_up),
      .pci_exp_txp(pcie_tx_p),
      .pci_exp_txn(pcie_tx_n),
      .pci_exp_rxp(pcie_rx_p),
      .pci_exp_rxn(pcie_rx_n),
      .axi_aclk(bus_clk),
      .axi_aresetn(bus_rst_n),
      .usr_irq_req(1'b0),
      .usr_irq_ack(),
      .s_axis_c2h_tdata_0(bus_c2h_data),
      .s_axis_c2h_tlast_0(bus_c2h_last),
      .s_axis_c2h_tvalid_0(bus_c2h_valid),
      .s_axis_c2h_tready_0(bus_c2h_ready),
      .s_axis_c2h_tkeep_0(bus_c2h_keep),
      .m_axis_h2c_tdata_0(bus_h2c_data),
      .m_axis_h2c_tlast_0(),
      .m_axis_h2c_tvalid_0(bus_h2c_valid),
      .m_axis_h2c_tready_0(bus_h2c_ready),
      .m_axis_h2c_tkeep_0(),
      .m_axil_awaddr(awaddr),
      .m_axil_awprot(),
      .m_axil_awvalid(awvalid),
      .m_axil_awready(awready),
      .m_axil_wdata(wdata),
      .m_axil_wstrb(wstrb),
      .m_axil_wvalid(wvalid),
      .m_axil_wready(wready),
      .m_axil_bvalid(bvalid),
      .m_axil_bresp(bresp),
      .m_axil_bready(bready),
      .m_axil_araddr(araddr),
      .m_axil_arprot(),
      .m_axil_arvalid(arvalid),
      .m_axil_arready(arready),
      .m_axil_rdata(rdata),
      .m_axil_rresp(rresp),
      .m_axil_rvalid(rvalid),
      .m_axil_rready(rready)
  );

  identification #(
      .BUILD(BUILD)
  ) identification_i (
      .clk(bus_clk),
      .rst(~bus_rst_n),
      .s_axil_awaddr({20'd0, awaddr[11:0]}),
      .s_axil_awvalid(awvalid),
      .s_axil_awready(awready),
      .s_axil_wdata(wdata),
      .s_axil_wstrb(wstrb),
      .s_axil_wvalid(wvalid),
      .s_axil_wready(wready),
      .s_axil_bresp(bresp),
      .s_axil_bvalid(bvalid),
      .s_axil_bready(bready),
      .s_axil_araddr({20'd0, araddr[11:0]}),
      .s_axil_arvalid(arvalid),
      .s_axil_arready(arready),
      .s_axil_rdata(rdata),
      .s_axil_rresp(rresp),
      .s_axil_rvalid(rvalid),
      .s_axil_rready(rready),
      .engine_reset(engine_reset)
  );

  h2c_clock h2c_clock_i (
      .s_axis_aresetn(bus_rst_n),
      .m_axis_aresetn(steady[3]),
      .s_axis_aclk(bus_clk),
      .m_axis_aclk(clk),
      .s_axis_tvalid(bus_h2c_valid),
      .s_axis_tready(bus_h2c_ready),
      .s_axis_tdata(bus_h2c_data),
      .m_axis_tvalid(h2c_valid),
      .m_axis_tready(h2c_ready),
      .m_axis_tdata(h2c_data)
  );

  c2h_clock c2h_clock_i (
      .s_axis_aresetn(steady[3]),
      .m_axis_aresetn(bus_rst_n),
      .s_axis_aclk(clk),
      .m_axis_aclk(bus_clk),
      .s_axis_tvalid(c2h_valid),
      .s_axis_tready(c2h_ready),
      .s_axis_tdata(c2h_data),
      .s_axis_tkeep(c2h_keep),
      .s_axis_tlast(c2h_last),
      .m_axis_tvalid(bus_c2h_valid),
      .m_axis_tready(bus_c2h_ready),
      .m_axis_tdata(bus_c2h_data),
      .m_axis_tkeep(bus_c2h_keep),
      .m_axis_tlast(bus_c2h_last)
  );

  full_records_board #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(32'd62500000)
  ) full_records_board_i (
      .clk(clk),
      .rst(rst),
      .s_axis_h2c_tvalid(h2c_valid),
      .s_axis_h2c_tready(h2c_ready),
      .s_axis_h2c_tdata(h2c_data),
      .m_axis_c2h_tvalid(c2h_valid),
      .m_axis_c2h_tready(c2h_ready),
      .m_axis_c2h_tdata(c2h_data),
      .m_axis_c2h_tkeep(c2h_keep),
      .m_axis_c2h_tlast(c2h_last),
      .linked(led_link)
  );
  assign led_pcie = link_up;
endmodule
`default_nettype wire
