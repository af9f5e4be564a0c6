"""What light falls on a head: the photo's, a studio's or a panorama's."""
