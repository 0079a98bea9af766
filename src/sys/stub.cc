namespace torque {}
