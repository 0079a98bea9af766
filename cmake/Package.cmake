# The .debs: run cpack in the folder of a release build. torque has the programs, libtorque-dev the library for others.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME torque)
# Each has its own, below; a common one would stand before them.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_CONTACT "the torque maintainers <torque@localhost>")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL torque dev)

set(CPACK_DEBIAN_TORQUE_PACKAGE_NAME torque)
set(CPACK_DEBIAN_TORQUE_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_TORQUE_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TORQUE_PACKAGE_RECOMMENDS "libhwloc15, pci.ids")
set(CPACK_COMPONENT_TORQUE_DESCRIPTION
    "machine topology, CPU layouts for servers, and proof that they are in force
torque-topo tells what a Linux machine is made of, decides which CPUs a server's workers own,
writes the kernel boot line for that and checks that the running kernel honours it. torque-serve is
a server on io_uring that runs where such a layout says, torque-load a load generator.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libtorque-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libarchive-dev, libexpected-dev")
if(TORQUE_LIBCPUID)
    string(APPEND CPACK_DEBIAN_DEV_PACKAGE_DEPENDS ", libcpuid-dev")
endif()
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS torque)
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "machines, plans and servers of torque as a C++ library
Discovers machines, plans the CPUs of a server's workers, reads and writes layouts, and has the server
of torque-serve for handlers of one's own: headers, an archive, and what CMake and pkg-config ask for.")
include(CPack)
