# The .deb: run cpack in the folder of a release build.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME torque)
set(CPACK_PACKAGE_CONTACT "the torque maintainers <torque@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "machine topology, CPU layouts for servers, and proof that they are in force")
set(CPACK_PACKAGE_DESCRIPTION
    "torque-topo tells what a Linux machine is made of, decides which CPUs a server's workers own,
writes the kernel boot line for that and checks that the running kernel honours it. torque-serve is
a server on io_uring that runs where such a layout says, torque-load a load generator.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libhwloc15, pci.ids")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
